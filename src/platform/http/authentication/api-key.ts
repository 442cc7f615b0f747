import { createHash, timingSafeEqual } from 'node:crypto';

import type { KeyPrincipal } from './principal.js';
import { SCOPES } from './scopes.js';

/** The API key, hashed, so that comparing takes the same time for any input. It has every scope. */
export class ApiKey {
  private readonly digest: Buffer;
  /** The principal of requests with this key. */
  readonly principal: KeyPrincipal;

  constructor(key: string) {
    this.digest = digest(key);
    this.principal = {
      kind: 'key',
      id: this.digest.toString('hex').slice(0, 8),
      name: 'API_KEY',
      scopes: SCOPES,
      pools: null,
    };
  }

  matches(candidate: string): boolean {
    return timingSafeEqual(this.digest, digest(candidate));
  }
}

function digest(key: string): Buffer {
  return createHash('sha256').update(key).digest();
}
