import { randomUUID } from 'node:crypto';

import Fastify, { type FastifyInstance } from 'fastify';

import { signatureOf } from './tringa-callbacks.js';
import type { BookedCall } from './tringa-calls.js';

const SHELF = Array.from({ length: 20 }, (_, index) => `4420794602${String(index).padStart(2, '0')}`);
const TALKED_SECONDS = 42;

interface Line {
  readonly id: string;
  readonly did: string;
  voice: string | null;
  texts: string | null;
}

interface OrderedCall {
  readonly ref: string;
  readonly first: { readonly to: string; readonly as: string };
  readonly second: { readonly to: string; readonly as: string };
  readonly events: string;
}

interface OrderedText {
  readonly to: string;
  readonly from: string;
  readonly body: string;
  readonly events: string;
}

/** Tringa on the wire: its API, and its callbacks over HTTP. Everybody answers, talks for 42 s, and gets their texts. */
export class TringaSimulator {
  readonly token = 'token-of-tringa';
  readonly signingKey = 'signing-key-of-tringa';
  readonly textsSent: OrderedText[] = [];
  private readonly lines = new Map<string, Line>();
  private readonly calls = new Map<string, BookedCall & { readonly ref: string }>();
  private readonly server: FastifyInstance = Fastify({ forceCloseConnections: true });

  static async start(): Promise<{ simulator: TringaSimulator; apiBase: string }> {
    const simulator = new TringaSimulator();
    simulator.serve();
    return { simulator, apiBase: `${await simulator.server.listen({ port: 0, host: '127.0.0.1' })}/api` };
  }

  async close(): Promise<void> {
    await this.server.close();
  }

  /** Asks whom to ring. */
  async callIn(fields: object, hooks: string): Promise<{ status: number; text: string }> {
    return this.post(`${hooks}/call`, fields);
  }

  async post(url: string, fields: object): Promise<{ status: number; text: string }> {
    const body = JSON.stringify(fields);
    const headers = { 'content-type': 'application/json', 'tringa-signature': signatureOf(this.signingKey, body) };
    const response = await fetch(url, { method: 'POST', headers, body });
    return { status: response.status, text: await response.text() };
  }

  private serve(): void {
    const { server, lines, calls } = this;
    server.addHook('onRequest', async (request, reply) => {
      if (request.headers.authorization !== `Bearer ${this.token}`) await reply.status(401).send();
    });
    server.get<{ Querystring: { country: string } }>('/api/shelf', ({ query }) => {
      const owned = new Set([...lines.values()].map(({ did }) => did));
      const free = query.country === 'GB' ? SHELF.filter((did) => !owned.has(did)) : [];
      return { items: free.map((did) => ({ did, monthly: '1.50' })) };
    });
    server.get('/api/lines', () => ({ items: [...lines.values()] }));
    server.post<{ Body: Omit<Line, 'id'> }>('/api/lines', async ({ body }, reply) => {
      const isFree = SHELF.includes(body.did) && ![...lines.values()].some(({ did }) => did === body.did);
      if (!isFree) return reply.status(409).send();
      const line = { id: `line-${body.did}`, ...body };
      lines.set(line.id, line);
      return reply.status(201).send(line);
    });
    server.get<{ Params: { id: string } }>('/api/lines/:id', async ({ params }, reply) =>
      reply.status(lines.has(params.id) ? 200 : 404).send(lines.get(params.id)),
    );
    server.put<{ Params: { id: string }; Body: Pick<Line, 'voice' | 'texts'> }>(
      '/api/lines/:id',
      async ({ params, body }, reply) => {
        const line = lines.get(params.id);
        return line ? reply.send(Object.assign(line, body)) : reply.status(404).send();
      },
    );
    server.delete<{ Params: { id: string } }>('/api/lines/:id', async ({ params }, reply) =>
      reply.status(lines.delete(params.id) ? 204 : 404).send(),
    );
    server.post<{ Body: OrderedCall }>('/api/calls', async ({ body }, reply) => {
      const isOurs = [body.first, body.second].every(({ as }) => lines.has(`line-${as}`));
      if (!isOurs) return reply.status(403).send();
      const call = { call: randomUUID(), ref: body.ref, result: null, talked: 0 };
      calls.set(call.call, call);
      setTimeout(() => void this.end(call.call, body.events), 20);
      return reply.status(202).send(call);
    });
    server.get<{ Querystring: { ref: string } }>('/api/calls', ({ query }) => ({
      items: [...calls.values()].filter(({ ref }) => ref === query.ref),
    }));
    server.get<{ Params: { call: string } }>('/api/calls/:call', async ({ params }, reply) =>
      reply.status(calls.has(params.call) ? 200 : 404).send(calls.get(params.call)),
    );
    server.post<{ Body: OrderedText }>('/api/texts', async ({ body }, reply) => {
      if (!lines.has(`line-${body.from}`)) return reply.status(403).send();
      this.textsSent.push(body);
      setTimeout(() => void this.post(body.events, { state: 'delivered' }), 20);
      return reply.status(202).send({ text: randomUUID() });
    });
  }

  private async end(call: string, events: string): Promise<void> {
    const over = { ...this.calls.get(call)!, result: 'talked', talked: TALKED_SECONDS };
    this.calls.set(call, over);
    await this.post(events, over);
  }
}
