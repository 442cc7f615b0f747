import { Injectable } from '@nestjs/common';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { PinoLogger } from 'nestjs-pino';

import { AuditService } from '../../audit/audit.service.js';
import { DatabaseOutages } from '../../database/database-outages.js';
import { LogThrottle } from '../../observability/log-throttle.js';
import { accessOf } from '../authentication/route-access.js';

const FORBIDDEN = 403;
const TOO_MANY = 429;

/**
 * Records refused requests in the audit log: of a key, what it may not do; of an address, that it goes on trying wrong
 * keys. Each kind once a minute at most, with how often, because clients and strangers repeat themselves.
 */
@Injectable()
export class RefusalAudit {
  private readonly lines = new LogThrottle();

  constructor(
    private readonly audit: AuditService,
    private readonly outages: DatabaseOutages,
    private readonly logger: PinoLogger,
  ) {
    logger.setContext(RefusalAudit.name);
  }

  watch(server: FastifyInstance): void {
    server.addHook('onResponse', (request, reply, done) => {
      if (isRefusal(request, reply)) this.record(request);
      done();
    });
  }

  /** To be called for a refusal that its status does not show. */
  record({ id: requestId, principal, ip: address, method, routeOptions }: FastifyRequest): void {
    const route = `${method} ${routeOptions.url}`;
    const who = principal?.kind === 'key' ? `${principal.id} ${route}` : address;
    const times = this.lines.occurrences(who);
    if (times === null) return;
    this.audit
      .recordRefusal(principal, { route, address, requestId, times })
      .catch((err: unknown) => this.outages.failed(this.logger, { err, route }, 'refusal not audited'));
  }
}

function isRefusal(request: FastifyRequest, { statusCode }: FastifyReply): boolean {
  if (request.is404 || accessOf(request) !== 'key') return false;
  return request.principal === null ? statusCode === TOO_MANY : statusCode === FORBIDDEN;
}
