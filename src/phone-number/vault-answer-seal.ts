import { AnswerSeal } from '../platform/http/idempotency/answer-seal.js';
import type { PhoneVault } from './phone-vault.js';
import { answerOf } from './sealed-place.js';

/** Seals answers with the keys of phones: they contain secrets, and numbers that people dial. */
export class VaultAnswerSeal extends AnswerSeal {
  constructor(private readonly vault: PhoneVault) {
    super();
  }

  override seal(answer: string, id: Buffer): Buffer {
    return this.vault.sealText(answer, answerOf(id.toString('hex')));
  }

  override open(sealed: Buffer, id: Buffer): string {
    return this.vault.openText(sealed, answerOf(id.toString('hex')));
  }

  override hashOf(text: string): Buffer {
    return this.vault.keyOfRequest(text);
  }
}
