import { randomUUID } from 'node:crypto';
import { maxHeaderSize, STATUS_CODES } from 'node:http';
import type { Socket } from 'node:net';

import { problemDocument, type Problem } from '../problem.js';
import { HeadersTooLarge, InvalidHttp, RequestTooSlow } from '../request.problems.js';
import { PROBLEM_JSON } from './problem.filter.js';
import { REQUEST_ID } from '../server/request-context.js';

/**
 * Answers what cannot be read as an HTTP request, and closes the connection. Nothing of it is quoted. It has a request
 * id like every answer, although it is no request that anything else could belong to.
 */
export function answerUnreadable(failure: Error & { code?: string }, socket: Socket): void {
  if (failure.code !== 'ECONNRESET' && socket.writable) {
    const { kind, detail, facts } = problemOf(failure.code);
    const body = JSON.stringify(problemDocument(kind, detail, facts));
    const head = [
      `HTTP/1.1 ${kind.status} ${STATUS_CODES[kind.status]}`,
      `content-type: ${PROBLEM_JSON}`,
      `content-length: ${Buffer.byteLength(body)}`,
      `${REQUEST_ID}: ${randomUUID()}`,
      'connection: close',
    ];
    socket.write(`${head.join('\r\n')}\r\n\r\n${body}`);
  }
  socket.destroy(failure);
}

function problemOf(code: string | undefined): Problem {
  if (code === 'ERR_HTTP_REQUEST_TIMEOUT') return new RequestTooSlow();
  if (code === 'HPE_HEADER_OVERFLOW') return new HeadersTooLarge(maxHeaderSize);
  return new InvalidHttp();
}
