import Fastify from 'fastify';

/** Plays an app that answers Twilio with TwiML, as each test wishes. */
export interface PretendTwiml {
  readonly url: string;
  /** By path. */
  answers: Readonly<Record<string, string>>;
  close(): Promise<void>;
}

export async function startPretendTwiml(): Promise<PretendTwiml> {
  const server = Fastify({ forceCloseConnections: true });
  server.addContentTypeParser('*', { parseAs: 'string' }, (_request, body, done) => done(null, body));
  let answers: PretendTwiml['answers'] = {};
  server.post('/*', async (request, reply) =>
    reply.header('content-type', 'text/xml').send(answers[request.url] ?? '<Response/>'),
  );
  const address = await server.listen({ port: 0, host: '127.0.0.1' });
  return {
    url: `${address}/`,
    get answers() {
      return answers;
    },
    set answers(wanted) {
      answers = wanted;
    },
    close: () => server.close(),
  };
}
