import { Injectable, type CallHandler, type ExecutionContext, type NestInterceptor } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { map, race, type Observable } from 'rxjs';

import { DatabaseCheck } from '../../database/database-check.js';
import { accessOf } from '../authentication/route-access.js';
import { DatabaseUnavailable } from '../request.problems.js';

/** Routes for clients that need no database. */
const NEED_NO_DATABASE = new Set(['/metrics', '/v1/session']);

/**
 * Refuses requests of clients at once while the database cannot be used, also those under way when that is noticed.
 * Without this, each would wait for its own time limit. Requests of providers have an answer for that case.
 */
@Injectable()
export class DatabaseOutageInterceptor implements NestInterceptor {
  constructor(private readonly check: DatabaseCheck) {}

  /** @throws DatabaseUnavailable */
  intercept(context: ExecutionContext, next: CallHandler): Observable<unknown> {
    const request = context.switchToHttp().getRequest<FastifyRequest>();
    if (accessOf(request) !== 'key' || NEED_NO_DATABASE.has(request.routeOptions.url ?? '')) return next.handle();
    if (!this.check.passed) throw new DatabaseUnavailable();
    const refused = this.check.failed.pipe(
      map((): never => {
        throw new DatabaseUnavailable();
      }),
    );
    return race(next.handle(), refused);
  }
}
