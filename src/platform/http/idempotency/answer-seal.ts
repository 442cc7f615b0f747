/** Keeps what is stored of requests with an Idempotency-Key unreadable for whoever has only the database. */
export abstract class AnswerSeal {
  /** @param id of the row that stores the answer. It opens at no other. */
  abstract seal(answer: string, id: Buffer): Buffer;

  /** @throws Error if it was sealed for another row, or with a key that is not in use any more */
  abstract open(sealed: Buffer, id: Buffer): string;

  /** A keyed hash, 32 bytes. Without the key, nobody can test guesses of the text, which may contain a phone. */
  abstract hashOf(text: string): Buffer;
}
