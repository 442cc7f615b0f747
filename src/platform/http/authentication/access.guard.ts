import { Injectable, NotFoundException, type CanActivate, type ExecutionContext } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';

import { MissingKey } from '../request.problems.js';
import { accessOf } from './route-access.js';

/**
 * A second check after authentication, which happens before the body is read: no handler runs for a request without the
 * kind of principal that its route needs.
 */
@Injectable()
export class AccessGuard implements CanActivate {
  /** @throws MissingKey; NotFoundException if only a provider may make the request */
  canActivate(context: ExecutionContext): boolean {
    const request = context.switchToHttp().getRequest<FastifyRequest>();
    const access = accessOf(request);
    if (access === 'anybody' || request.principal?.kind === access) return true;
    throw access === 'key' ? new MissingKey() : new NotFoundException();
  }
}
