import { Agent as HttpAgent, request as httpRequest, type ClientRequest, type IncomingMessage } from 'node:http';
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https';

import { Injectable, type OnApplicationShutdown } from '@nestjs/common';
import { Webhook } from 'standardwebhooks';

import { inSpan } from '../observability/tracing.js';
import { VERSION } from '../observability/version.js';
import { withoutNumbers } from '../observability/without-numbers.js';
import { AddressNotAllowed, AllowedAddresses } from './allowed-addresses.js';

/** A message, the same at each of its attempts. */
export interface WebhookMessage {
  /** The header `webhook-id`: receivers recognise a repeated message by it. */
  readonly id: string;
  readonly contentType: string;
  readonly body: string;
}

export interface WebhookTarget {
  readonly url: string;
  /** Each signs. */
  readonly secrets: readonly string[];
}

/** What became of an attempt. */
export interface WebhookAttempt {
  /** Of the answer; null = there was none. */
  readonly status: number | null;
  /** Why the message is not acknowledged; null = it is. */
  readonly failure: string | null;
  readonly durationMs: number;
  /** The beginning of the answer's body. */
  readonly response: string | null;
  /** How long the receiver wants to be left alone; null = it does not say. */
  readonly retryAfterSeconds: number | null;
}

/** The answer's status and headers must have come by then, and what is read of its body. */
const TIMEOUT_MS = 15_000;
const KEPT_CHARACTERS = 500;
/** A longer body is not read: its connection is closed. */
const READ_BYTES = 16 * 1024;

/**
 * Sends signed messages to URLs of clients. Follows no redirect, because it may lead to another place than was allowed.
 * https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md
 */
@Injectable()
export class WebhookSender implements OnApplicationShutdown {
  private readonly agents = {
    'http:': new HttpAgent({ keepAlive: true }),
    'https:': new HttpsAgent({ keepAlive: true }),
  };

  constructor(private readonly addresses: AllowedAddresses) {}

  onApplicationShutdown(): void {
    for (const agent of Object.values(this.agents)) agent.destroy();
  }

  /** Sends a message once. Rejects only if `signal` aborts it: then what became of it is unknown. */
  async send(target: WebhookTarget, message: WebhookMessage, signal?: AbortSignal): Promise<WebhookAttempt> {
    const began = performance.now();
    const durationMs = () => Math.round(performance.now() - began);
    return inSpan('send webhook', { kind: 'client', attributes: { 'http.request.method': 'POST' } }, async (span) => {
      try {
        const answer = await this.post(
          target,
          message,
          AbortSignal.any([AbortSignal.timeout(TIMEOUT_MS), ...(signal ? [signal] : [])]),
        );
        const { status } = answer;
        span?.set({ 'http.response.status_code': status });
        const failure = status >= 200 && status < 300 ? null : `it answered ${status}`;
        return { ...answer, failure, durationMs: durationMs() };
      } catch (err) {
        signal?.throwIfAborted();
        const failure = meaningOf(err);
        span?.fail(failure);
        return { status: null, failure, durationMs: durationMs(), response: null, retryAfterSeconds: null };
      }
    });
  }

  private async post(
    target: WebhookTarget,
    message: WebhookMessage,
    signal: AbortSignal,
  ): Promise<Pick<WebhookAttempt, 'response' | 'retryAfterSeconds'> & { readonly status: number }> {
    for (;;) {
      const request = this.begin(target, message, signal);
      try {
        return await answerOf(request, message.body);
      } catch (failure) {
        // The receiver closed a kept connection while the request was on its way.
        if (!request.reusedSocket || (failure as NodeJS.ErrnoException).code !== 'ECONNRESET') throw failure;
      }
    }
  }

  private begin({ url, secrets }: WebhookTarget, { id, contentType, body }: WebhookMessage, signal: AbortSignal) {
    const { hostname, protocol } = new URL(url);
    this.addresses.checkLiteral(hostname);
    const isTls = protocol === 'https:';
    const sentAt = new Date(); // the real time: receivers compare it with their own clock
    return (isTls ? httpsRequest : httpRequest)(url, {
      method: 'POST',
      agent: this.agents[isTls ? 'https:' : 'http:'],
      lookup: this.addresses.lookup,
      signal,
      headers: {
        'content-type': contentType,
        'content-length': Buffer.byteLength(body),
        'user-agent': `Maskline/${VERSION}`,
        'webhook-id': id,
        'webhook-timestamp': String(Math.floor(sentAt.getTime() / 1_000)),
        'webhook-signature': secrets.map((secret) => new Webhook(secret).sign(id, sentAt, body)).join(' '),
      },
    });
  }
}

async function answerOf(request: ClientRequest, body: string) {
  const response = await new Promise<IncomingMessage>((resolve, reject) => {
    request.once('response', resolve).on('error', reject).end(body);
  });
  const status = response.statusCode!;
  const retryAfterSeconds = retryAfterOf(response.headers['retry-after']);
  const text = await beginningOf(response);
  return { status, retryAfterSeconds, response: text };
}

/** Without anything that looks like a phone: the receiver's words are kept and shown. */
async function beginningOf(response: IncomingMessage): Promise<string | null> {
  const parts: Buffer[] = [];
  let bytes = 0;
  try {
    for await (const part of response as AsyncIterable<Buffer>) {
      parts.push(part);
      if ((bytes += part.length) > READ_BYTES) break; // closes the connection
    }
  } catch {
    // The status came, which is what counts.
  }
  const text = Buffer.concat(parts).toString('utf8').slice(0, KEPT_CHARACTERS).replaceAll('\0', '');
  return text === '' ? null : withoutNumbers(text);
}

/** Seconds, or an HTTP date. */
function retryAfterOf(header: string | undefined): number | null {
  if (header === undefined) return null;
  if (/^\d{1,9}$/.test(header)) return Number(header);
  const at = Date.parse(header);
  return Number.isNaN(at) ? null : Math.max(0, Math.ceil((at - Date.now()) / 1_000));
}

function meaningOf(failure: unknown): string {
  const { name, code } = failure as NodeJS.ErrnoException;
  if (failure instanceof AddressNotAllowed) return failure.message;
  if (name === 'AbortError' || name === 'TimeoutError') return `it did not answer within ${TIMEOUT_MS / 1_000} s`;
  return `no connection: ${code ?? name}`;
}
