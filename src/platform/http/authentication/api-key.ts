import { createHash, timingSafeEqual } from 'node:crypto';

import type { Principal } from './principal.js';

/** The API key, hashed, so that comparing takes the same time whatever was sent. */
export class ApiKey {
  private readonly digest: Buffer;
  /** Who makes the requests that have this key. The id tells keys apart and does not lead back to them. */
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
