import { createServer, type IncomingHttpHeaders, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

import { HTTP, type CloudEvent } from 'cloudevents';
import { Webhook } from 'standardwebhooks';

export interface Received {
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
  readonly path: string;
}

/** A receiver of webhooks that notes what it is told, and answers as a test says. */
export class WebhookReceiver {
  readonly received: Received[] = [];
  /** Requests without an answer, if it answers `later`. */
  readonly held: ServerResponse[] = [];
  answer: number | 'later' = 204;
  headers: Record<string, string> = {};
  body = '';

  private constructor(private readonly server: Server) {}

  /** @param port 0 = any free one */
  static async start(port = 0): Promise<WebhookReceiver> {
    const server = createServer((request, response) => {
      const parts: Buffer[] = [];
      request.on('data', (part: Buffer) => parts.push(part));
      request.on('end', () => {
        const { headers, url: path = '' } = request;
        receiver.received.push({ headers, body: Buffer.concat(parts).toString(), path });
        if (receiver.answer === 'later') receiver.held.push(response);
        else response.writeHead(receiver.answer, receiver.headers).end(receiver.body);
      });
    });
    const receiver = new WebhookReceiver(server);
    await new Promise<void>((listening) => server.listen(port, '127.0.0.1', listening));
    return receiver;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}/hooks`;
  }

  get ids(): (string | undefined)[] {
    return this.received.map(({ headers }) => headers['webhook-id'] as string | undefined);
  }

  /** What it was told, read by the packages that receivers use. @throws if a signature is wrong */
  events(secret: string): CloudEvent<Record<string, unknown>>[] {
    return this.received.map(({ headers, body }) => {
      new Webhook(secret).verify(body, headers as Record<string, string>);
      return HTTP.toEvent<Record<string, unknown>>({ headers, body }) as CloudEvent<Record<string, unknown>>;
    });
  }

  /** Answers the held requests, and those to come. */
  release(status = 204): void {
    this.answer = status;
    for (const response of this.held.splice(0)) response.writeHead(status).end();
  }

  async stop(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((closed) => this.server.close(closed));
  }
}
