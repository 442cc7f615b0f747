import { hash, timingSafeEqual } from 'node:crypto';

import { Injectable } from '@nestjs/common';

import { ExotelConfig } from './exotel-config.js';

/**
 * The secrets of Exotel's callbacks. Exotel signs nothing, so the secret in the path is the only proof of its requests.
 */
@Injectable()
export class ExotelSecrets {
  private readonly digests: readonly Buffer[];

  constructor(config: ExotelConfig) {
    this.digests = config.hookSecrets.map(digest);
  }

  /** Whether this is one of our secrets. Takes the same time for any input. */
  include(secret: string): boolean {
    const sent = digest(secret);
    return this.digests.map((known) => timingSafeEqual(known, sent)).includes(true);
  }
}

function digest(secret: string): Buffer {
  return hash('sha256', secret, 'buffer');
}
