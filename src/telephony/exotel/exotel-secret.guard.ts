import { Injectable, NotFoundException, type CanActivate, type ExecutionContext } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';

import { ExotelDoor } from './exotel-door.js';

/** Lets Exotel's callbacks through; anybody else is answered as if nothing were here. */
@Injectable()
export class ExotelSecretGuard implements CanActivate {
  constructor(private readonly door: ExotelDoor) {}

  canActivate(context: ExecutionContext): boolean {
    const { params, ip } = context.switchToHttp().getRequest<FastifyRequest<{ Params: { secret: string } }>>();
    if (!this.door.opensTo(params.secret, ip)) throw new NotFoundException();
    return true;
  }
}
