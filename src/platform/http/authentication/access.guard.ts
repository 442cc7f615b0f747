import { Injectable, NotFoundException, type CanActivate, type ExecutionContext } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';

import { MissingKey } from '../request.problems.js';
import { accessOf } from './route-access.js';

/**
 * The second line behind the doors, which authenticate a request before its body is read: no handler runs for a request
 * without the kind of principal that its route needs.
 */
@Injectable()
export class AccessGuard implements CanActivate {
  /** @throws MissingKey; NotFoundException where only a provider may ask, as its door answers */
  canActivate(context: ExecutionContext): boolean {
    const request = context.switchToHttp().getRequest<FastifyRequest>();
    const access = accessOf(request);
    if (access === 'anybody' || request.principal?.kind === access) return true;
    throw access === 'key' ? new MissingKey() : new NotFoundException();
  }
}
