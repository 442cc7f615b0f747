import { Catch, HttpException, type ArgumentsHost, type ExceptionFilter } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { PinoLogger } from 'nestjs-pino';

import { Problem, problemDocument, type ProblemDocument } from './problem.js';

const UNEXPECTED = { slug: 'unexpected', status: 500, title: 'Something broke on our side' };

/** Renders every failure as RFC 9457. What no class of problems expects is a bug: it is logged whole and answered bare. */
@Catch()
export class ProblemFilter implements ExceptionFilter {
  constructor(private readonly logger: PinoLogger) {}

  catch(failure: unknown, host: ArgumentsHost): void {
    const request = host.switchToHttp().getRequest<FastifyRequest>();
    const reply = host.switchToHttp().getResponse<FastifyReply>();
    const problem = this.describe(failure, request);
    void reply.status(problem.status).header('content-type', 'application/problem+json').send(JSON.stringify(problem));
  }

  private describe(failure: unknown, request: FastifyRequest): ProblemDocument {
    if (failure instanceof Problem) return problemDocument(failure.kind, failure.detail, failure.facts);
    const status = expectedStatus(failure);
    if (status !== null) return problemDocument({ slug: 'http', status, title: statusTitle(status) }, detailOf(status));
    this.logger.error({ err: failure, requestId: request.id, route: request.routeOptions.url }, 'request failed');
    return problemDocument(
      UNEXPECTED,
      `Report request ${request.id}; nothing of it was stored unless the call says so.`,
      {
        requestId: request.id,
      },
    );
  }
}

/** The status of a failure that the framework itself raised for a bad request: a body that is no JSON, an unknown path. */
function expectedStatus(failure: unknown): number | null {
  const status =
    failure instanceof HttpException ? failure.getStatus() : (failure as { statusCode?: unknown } | null)?.statusCode;
  return typeof status === 'number' && status >= 400 && status < 500 ? status : null;
}

function statusTitle(status: number): string {
  return (
    {
      400: 'The request is not of the right form',
      404: 'There is nothing here',
      413: 'The body is too large',
      415: 'The body is of an unknown type',
    }[status] ?? 'The request was refused'
  );
}

function detailOf(status: number): string {
  return (
    {
      400: 'Send a JSON object with "Content-Type: application/json"; /docs shows every call with an example.',
      404: 'No call has this method and path; /docs lists them all.',
      413: 'Send less in one request.',
      415: 'Send JSON with "Content-Type: application/json".',
    }[status] ?? '/docs shows how each call is made.'
  );
}
