import { Catch, HttpException, type ArgumentsHost, type ExceptionFilter } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { PinoLogger } from 'nestjs-pino';
import { QueryFailedError } from 'typeorm';

import { DatabaseOutages } from '../database/database-outages.js';
import { isDatabaseTrouble } from '../database/database-trouble.js';
import { Problem, problemDocument, type ProblemDocument } from './problem.js';
import { DatabaseUnavailable, InvalidRequest } from './request.problems.js';

const PROBLEM_JSON = 'application/problem+json';

const UNEXPECTED = { slug: 'unexpected', status: 500, title: 'Something broke on our side' };

/**
 * Renders every failure as RFC 9457. A failure that is not a Problem is a bug: it is logged in full and answered
 * without details.
 */
@Catch()
export class ProblemFilter implements ExceptionFilter {
  constructor(
    private readonly logger: PinoLogger,
    private readonly outages: DatabaseOutages,
  ) {}

  catch(failure: unknown, host: ArgumentsHost): void {
    const request = host.switchToHttp().getRequest<FastifyRequest>();
    const reply = host.switchToHttp().getResponse<FastifyReply>();
    const problem = this.describe(failure, request);
    if (typeof problem['retryAfterSeconds'] === 'number') {
      void reply.header('retry-after', String(problem['retryAfterSeconds']));
    }
    void reply.status(problem.status).header('content-type', PROBLEM_JSON).send(JSON.stringify(problem));
  }

  private describe(failure: unknown, request: FastifyRequest): ProblemDocument {
    if (failure instanceof Problem) return problemDocument(failure.kind, failure.detail, failure.facts);
    if (holdsNul(failure)) return this.describe(new InvalidRequest(['a text holds the character U+0000']), request);
    const status = expectedStatus(failure);
    if (status !== null) return refused(status);
    const fields = { err: failure, requestId: request.id, route: request.routeOptions.url };
    this.outages.failed(this.logger, fields, 'request failed');
    if (isDatabaseTrouble(failure)) return this.describe(new DatabaseUnavailable(), request);
    return problemDocument(
      UNEXPECTED,
      `Report request ${request.id}. Nothing was stored, unless the endpoint's description says otherwise.`,
      {
        requestId: request.id,
      },
    );
  }
}

/**
 * Answers requests that Fastify refuses before any filter runs: the path is not a URL, or too long. Fastify's own
 * answer would quote the path.
 */
export function answerUnroutable(failure: { statusCode?: number }, reply: FastifyReply): void {
  const problem = refused(expectedStatus(failure) ?? 400);
  void reply.status(problem.status).header('content-type', PROBLEM_JSON).send(JSON.stringify(problem));
}

function refused(status: number): ProblemDocument {
  return problemDocument({ slug: 'http', status, title: statusTitle(status) }, detailOf(status));
}

/** PostgreSQL stores every character except U+0000, which may come in any field. */
const CHARACTER_NOT_IN_REPERTOIRE = '22021';

function holdsNul(failure: unknown): boolean {
  const error = (failure instanceof QueryFailedError ? failure.driverError : failure) as { code?: unknown } | null;
  return error?.code === CHARACTER_NOT_IN_REPERTOIRE;
}

/** The status of a failure that the framework raised for a bad request: a body that is not JSON, an unknown path. */
function expectedStatus(failure: unknown): number | null {
  const status =
    failure instanceof HttpException ? failure.getStatus() : (failure as { statusCode?: unknown } | null)?.statusCode;
  return typeof status === 'number' && status >= 400 && status < 500 ? status : null;
}

function statusTitle(status: number): string {
  return (
    {
      400: 'The request is not of the right form',
      404: 'Nothing is at this path',
      413: 'The body is too large',
      414: 'The path is too long',
      415: 'The body is not marked as JSON',
    }[status] ?? 'The request was refused'
  );
}

function detailOf(status: number): string {
  return (
    {
      400: 'Send a JSON object with "Content-Type: application/json" to a path that is a URL. /docs shows every endpoint with an example.',
      404: 'No endpoint matches this method and path. /docs lists all endpoints.',
      413: 'Send less data in one request.',
      414: 'A name in a path has at most 128 characters.',
      415: 'The body needs the header "Content-Type: application/json": it is missing, or names another type.',
    }[status] ?? '/docs describes every endpoint.'
  );
}
