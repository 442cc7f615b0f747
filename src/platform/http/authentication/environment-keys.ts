import { timingSafeEqual } from 'node:crypto';

import { hashOfKey } from './key-text.js';
import type { KeyPrincipal } from './principal.js';
import { SCOPES } from './scopes.js';

/** The keys of API_KEY. They have every scope, and work without the database. */
export class EnvironmentKeys {
  private readonly keys: readonly { readonly hash: Buffer; readonly principal: KeyPrincipal }[];

  constructor(keys: readonly string[]) {
    this.keys = keys.map((key) => {
      const hash = hashOfKey(key);
      const id = hash.toString('hex').slice(0, 8);
      const all = { scopes: SCOPES, pools: null, address: null, isOfEnvironment: true } as const;
      return { hash, principal: { kind: 'key', id, name: 'API_KEY', ...all } };
    });
  }

  /** Takes the same time for any text. Null = it is none of these keys. */
  find(text: string): KeyPrincipal | null {
    return this.findByHash(hashOfKey(text));
  }

  /** The same, by the SHA-256 of the text. */
  findByHash(hash: Buffer): KeyPrincipal | null {
    const [found] = this.keys.filter((key) => timingSafeEqual(key.hash, hash));
    return found?.principal ?? null;
  }
}
