import { createHash, timingSafeEqual } from 'node:crypto';

import type { Principal } from './principal.js';

/** The API key, hashed, so that comparing takes the same time for any input. */
export class ApiKey {
  private readonly digest: Buffer;
  /** The principal of requests with this key. Its id distinguishes keys without revealing them. */
  readonly principal: Principal;

  constructor(key: string) {
    this.digest = digest(key);
    this.principal = { kind: 'key', id: this.digest.toString('hex').slice(0, 8), name: 'API_KEY' };
  }

  matches(candidate: string): boolean {
    return timingSafeEqual(this.digest, digest(candidate));
  }
}

function digest(key: string): Buffer {
  return createHash('sha256').update(key).digest();
}
