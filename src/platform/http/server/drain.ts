import { setImmediate as turn, setTimeout as sleep } from 'node:timers/promises';

import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import type { FastifyInstance } from 'fastify';
import { PinoLogger } from 'nestjs-pino';

import { Readiness } from '../../observability/readiness.js';

/** A turn of the event loop that is shorter than this had nothing to do. */
const IDLE_TURN_MS = 0.3;
const MOST_TURNS = 200;

/**
 * Answers requests for some more time after readiness has failed, so that load balancers can notice and send them
 * elsewhere. Then closes the listener and the connections without a request. Requests under way go on.
 */
export async function drain(app: NestFastifyApplication, forMs: number): Promise<void> {
  const logger = await app.resolve(PinoLogger);
  logger.setContext('Drain');
  app.get(Readiness).isStopping = true;
  logger.info({ forMs }, 'drain started');
  await sleep(forMs);
  await idleMoment();
  app.getHttpServer().close();
  logger.info('listener closed');
}

/** Closes each connection with the answer to its request, so that the client opens its next one elsewhere. */
export function closeConnectionsWhile(isStopping: () => boolean, server: FastifyInstance): void {
  server.addHook('onRequest', (_request, reply, done) => {
    if (isStopping()) void reply.header('connection', 'close');
    done();
  });
}

/** The system resets connections that the process has not accepted when it closes the listener. Now there are none. */
async function idleMoment(): Promise<void> {
  for (let turns = 0; turns < MOST_TURNS; turns += 1) {
    const begun = performance.now();
    await turn();
    if (performance.now() - begun < IDLE_TURN_MS) return;
  }
}
