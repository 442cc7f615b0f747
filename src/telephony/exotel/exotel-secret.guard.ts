import { createHash, timingSafeEqual } from 'node:crypto';

import { Injectable, NotFoundException, type CanActivate, type ExecutionContext } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';

import { ExotelConfig } from './exotel-config.js';

/**
 * Exotel signs nothing, so a secret in the path is all that tells its callbacks from anybody else's. Compared in constant
 * time; a wrong one is answered as if nothing were here.
 */
@Injectable()
export class ExotelSecretGuard implements CanActivate {
  private readonly digests: readonly Buffer[];

  constructor(config: ExotelConfig) {
    this.digests = config.hookSecrets.map(digest);
  }

  canActivate(context: ExecutionContext): boolean {
    const { secret } = context.switchToHttp().getRequest<FastifyRequest<{ Params: { secret: string } }>>().params;
    const sent = digest(secret);
    const matches = this.digests.map((known) => timingSafeEqual(known, sent));
    if (!matches.includes(true)) throw new NotFoundException();
    return true;
  }
}

function digest(secret: string): Buffer {
  return createHash('sha256').update(secret).digest();
}
