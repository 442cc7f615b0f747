import { isPassing } from './client';

const WORDS = 4;

/** A unique Idempotency-Key. `crypto.randomUUID` is missing where the console is served without TLS. */
export function aKey(): string {
  return [...crypto.getRandomValues(new Uint32Array(WORDS))].map((word) => word.toString(36)).join('-');
}

/**
 * Does something with an Idempotency-Key. After a failure in which it may have been done all the same, the next try has
 * the same key, so nothing is done twice.
 */
export class OneKey {
  private key = aKey();

  async use<Result>(act: (key: string) => Promise<Result>): Promise<Result> {
    try {
      const result = await act(this.key);
      this.key = aKey();
      return result;
    } catch (failure) {
      if (!isPassing(failure)) this.key = aKey();
      throw failure;
    }
  }
}
