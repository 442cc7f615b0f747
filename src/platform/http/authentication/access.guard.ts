import { Injectable, type CanActivate, type ExecutionContext } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';

import { EndpointNotFound, MissingKey } from '../request.problems.js';
import { LimitedToPools } from './access.problems.js';
import { accessOf, isForKeysOfPools, mustHaveScope } from './route-access.js';

/**
 * A second check after authentication, which happens before the body is read: no handler runs for a request without the
 * kind of principal, and the scope, that its route needs.
 */
@Injectable()
export class AccessGuard implements CanActivate {
  /** @throws MissingKey, MissingScope, LimitedToPools; EndpointNotFound if only a provider may make the request */
  canActivate(context: ExecutionContext): boolean {
    const request = context.switchToHttp().getRequest<FastifyRequest>();
    const { principal } = request;
    const access = accessOf(request);
    if (access === 'anybody') return true;
    if (principal?.kind !== access) throw access === 'key' ? new MissingKey() : new EndpointNotFound();
    if (principal.kind === 'key') {
      mustHaveScope(request, principal.scopes);
      if (principal.pools !== null && !isForKeysOfPools(context.getHandler())) throw new LimitedToPools();
    }
    return true;
  }
}
