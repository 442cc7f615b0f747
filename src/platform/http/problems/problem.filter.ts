import { Catch, HttpException, type ArgumentsHost, type ExceptionFilter } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { PinoLogger } from 'nestjs-pino';
import { QueryFailedError } from 'typeorm';

import { DatabaseOutages } from '../../database/database-outages.js';
import { isDatabaseTrouble } from '../../database/connections/database-trouble.js';
import { Problem, problemDocument } from '../problem.js';
import {
  BodyTooLarge,
  DatabaseUnavailable,
  EndpointNotFound,
  InvalidHttp,
  InvalidPath,
  InvalidRequest,
  PathTooLong,
  UnsupportedMediaType,
} from '../request.problems.js';
import { typesReadBy } from '../server/body-types.js';
import { LONGEST_PATH_VALUE } from '../server/server-limits.js';

export const PROBLEM_JSON = 'application/problem+json';

/** Of a key that was accepted when the request began, and no more when it was worked on. */
const KEY_ENDED = 'Bearer error="invalid_token"';

/** A bug. Its line in the log has the request's id. */
class Unexpected extends Problem {
  static readonly kind = { slug: 'unexpected', status: 500, title: 'Something broke on our side' };
  constructor(requestId: string) {
    super(
      Unexpected.kind,
      `Report request ${requestId}. Nothing was stored, unless the endpoint's description says otherwise.`,
      { requestId },
    );
  }
}

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
    answerProblem(this.problemOf(failure, request), reply);
  }

  private problemOf(failure: unknown, request: FastifyRequest): Problem {
    if (failure instanceof Problem) return failure;
    if (holdsNul(failure)) return new InvalidRequest(['a text holds the character U+0000']);
    const refusal = refusalOf(failure, request);
    if (refusal !== null) return refusal;
    const fields = { err: failure, requestId: request.id, route: request.routeOptions.url };
    this.outages.failed(this.logger, fields, 'request failed');
    return isDatabaseTrouble(failure) ? new DatabaseUnavailable() : new Unexpected(request.id);
  }
}

/**
 * Answers requests that Fastify refuses before any filter runs: the path is not a URL, or too long. Fastify's own
 * answer would quote the path.
 */
export function answerUnroutable(failure: { statusCode?: number }, reply: FastifyReply): void {
  answerProblem(failure.statusCode === 414 ? new PathTooLong(LONGEST_PATH_VALUE) : new InvalidPath(), reply);
}

function answerProblem({ kind, detail, facts, headers }: Problem, reply: FastifyReply): void {
  const retryAfter = facts['retryAfterSeconds'];
  if (typeof retryAfter === 'number') void reply.header('retry-after', String(retryAfter));
  if (kind.status === 401 && !reply.hasHeader('www-authenticate')) void reply.header('www-authenticate', KEY_ENDED);
  void reply
    .status(kind.status)
    .headers({ ...headers, 'content-type': PROBLEM_JSON })
    .send(JSON.stringify(problemDocument(kind, detail, facts)));
}

/** The problem of a request that the framework refused: the body has no type, or the path is unknown. Null for bugs. */
function refusalOf(failure: unknown, request: FastifyRequest): Problem | null {
  const { statusCode } = (failure ?? {}) as { statusCode?: unknown };
  const status = failure instanceof HttpException ? failure.getStatus() : statusCode;
  if (typeof status !== 'number' || status < 400 || status >= 500) return null;
  if (status === 404) return new EndpointNotFound();
  if (status === 413) return new BodyTooLarge({ limitBytes: request.routeOptions.bodyLimit });
  if (status === 415) return new UnsupportedMediaType(typesReadBy(request), request.method);
  return new InvalidHttp();
}

/**
 * PostgreSQL stores every character except U+0000, which may come in any field: CHARACTER_NOT_IN_REPERTOIRE of a text,
 * UNTRANSLATABLE_CHARACTER of a JSON value.
 */
const NUL_REFUSED = ['22021', '22P05'];

function holdsNul(failure: unknown): boolean {
  const error = (failure instanceof QueryFailedError ? failure.driverError : failure) as { code?: unknown } | null;
  return NUL_REFUSED.includes(String(error?.code));
}
