import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { PinoLogger } from 'nestjs-pino';

import { LogThrottle } from '../platform/observability/log-throttle.js';
import { useTracer } from '../platform/observability/tracing.js';

/**
 * Sends traces of this process to a collector. Loads OpenTelemetry only now, because it takes time and memory.
 *
 * @returns sends what is left, and ends
 */
export async function sendTraces(
  app: NestFastifyApplication,
  endpoint: string,
  role: string,
): Promise<() => Promise<void>> {
  const logger = await app.resolve(PinoLogger);
  logger.setContext('Traces');
  const lines = new LogThrottle();
  const { openTelemetry } = await import('../platform/observability/open-telemetry.js');
  const { tracer, stop } = openTelemetry(endpoint, role, (err) => {
    const times = lines.occurrences('traces');
    if (times !== null) logger.warn({ err, times }, 'traces not sent');
  });
  useTracer(tracer);
  return async () => {
    useTracer(null);
    await stop();
  };
}
