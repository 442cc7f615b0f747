import Fastify, { type FastifyReply, type FastifyRequest } from 'fastify';

export const SECRET = '5eC7etOfTheHooks0123456789abcdef';

export interface Asked {
  method: string;
  path: string;
  /** As it stood on the wire. */
  rawQuery: string;
  query: Record<string, string>;
  headers: Record<string, string | string[] | undefined>;
}

type Hook = (request: FastifyRequest, reply: FastifyReply) => unknown;

/** Plays the app: answers the flow's questions as each test wishes and remembers what it was asked. */
export interface PretendApp {
  hooks: string;
  asked: Asked[];
  /** What is asked of one hook, as in `connect`. */
  askedOf(hook: string): Asked[];
  connect: Hook;
  gather: Hook;
  connectPin: Hook;
  reason: Hook;
  greeting: Hook;
  /** The bodies that a StatusCallback brought. */
  statusReports: { contentType: string; body: string }[];
  reset(): void;
  close(): Promise<void>;
}

export function connectsTo(number: string, more: object = {}): Hook {
  return () => ({ destination: { numbers: [number] }, ...more });
}

export const refuses: Hook = () => ({ fetch_after_attempt: false, destination: { numbers: [] } });

/** A reply sent byte for byte, since our server would add a charset. */
export function plainly(status: number, contentType: string, body: string): Hook {
  return (request, reply) => {
    reply.hijack();
    const headers = { 'content-type': contentType, 'content-length': String(Buffer.byteLength(body)) };
    reply.raw.writeHead(status, headers);
    reply.raw.end(request.method === 'HEAD' ? undefined : body);
  };
}

export async function startPretendApp(): Promise<PretendApp> {
  const server = Fastify({ forceCloseConnections: true, exposeHeadRoutes: false });
  server.removeContentTypeParser(['application/json', 'text/plain']);
  server.addContentTypeParser('*', { parseAs: 'string' }, (_request, body, done) => done(null, body));
  const app: PretendApp = {
    hooks: '',
    asked: [],
    askedOf: (hook) => app.asked.filter(({ path }) => path === `/hooks/exotel/${SECRET}/${hook}`),
    connect: refuses,
    gather: refuses,
    connectPin: refuses,
    reason: refuses,
    greeting: refuses,
    statusReports: [],
    reset: () => {
      app.asked = [];
      app.statusReports = [];
      app.connect = refuses;
      app.gather = () => ({ gather_prompt: { text: 'Your PIN, please.' } });
      app.connectPin = refuses;
      app.reason = plainly(200, 'text/plain', '{"select":"unknown_caller"}');
      app.greeting = plainly(200, 'text/plain', 'This number is not in use.');
    },
    close: () => server.close(),
  };
  server.addHook('onRequest', async (request) => {
    const [path = '', rawQuery = ''] = request.url.split('?');
    const query = Object.fromEntries(new URLSearchParams(rawQuery));
    app.asked.push({ method: request.method, path, rawQuery, query, headers: request.headers });
  });
  const base = `/hooks/exotel/${SECRET}`;
  server.get(`${base}/connect`, (request, reply) => app.connect(request, reply));
  server.get(`${base}/gather`, (request, reply) => app.gather(request, reply));
  for (const path of ['connect-pin', 'connect-pin-again']) {
    server.get(`${base}/${path}`, (request, reply) => app.connectPin(request, reply));
  }
  server.get(`${base}/passthru/:exit`, async () => '');
  server.get(`${base}/reason`, (request, reply) => app.reason(request, reply));
  server.route({
    method: ['GET', 'HEAD'],
    url: `${base}/greeting`,
    handler: (request, reply) => app.greeting(request, reply),
  });
  server.post(`${base}/call-status`, async (request) => {
    app.statusReports.push({ contentType: request.headers['content-type'] ?? '', body: String(request.body) });
    return '';
  });
  app.reset();
  app.hooks = (await server.listen({ port: 0, host: '127.0.0.1' })) + base;
  return app;
}
