import { createHash, timingSafeEqual } from 'node:crypto';

import { Injectable } from '@nestjs/common';

import { ExotelConfig } from './exotel-config.js';

/** Exotel signs nothing, so a secret in the path is all that tells its callbacks from anybody else's. */
@Injectable()
export class ExotelSecrets {
  private readonly digests: readonly Buffer[];

  constructor(config: ExotelConfig) {
    this.digests = config.hookSecrets.map(digest);
  }

  /** Whether this is one of ours; takes the same time whatever was sent. */
  include(secret: string): boolean {
    const sent = digest(secret);
    return this.digests.map((known) => timingSafeEqual(known, sent)).includes(true);
  }
}

function digest(secret: string): Buffer {
  return createHash('sha256').update(secret).digest();
}
