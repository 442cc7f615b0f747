import { Injectable, NotFoundException, type CanActivate, type ExecutionContext } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';

import { ExotelSecrets } from './exotel-secrets.js';

/** Lets Exotel's callbacks through; a wrong secret is answered as if nothing were here. */
@Injectable()
export class ExotelSecretGuard implements CanActivate {
  constructor(private readonly secrets: ExotelSecrets) {}

  canActivate(context: ExecutionContext): boolean {
    const { params } = context.switchToHttp().getRequest<FastifyRequest<{ Params: { secret: string } }>>();
    if (!this.secrets.include(params.secret)) throw new NotFoundException();
    return true;
  }
}
