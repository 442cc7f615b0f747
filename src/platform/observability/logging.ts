import { LoggerModule } from 'nestjs-pino';
import type { DynamicModule } from '@nestjs/common';
import { stdSerializers, type DestinationStream } from 'pino';

import { withoutNumbers } from './without-numbers.js';

/**
 * Logs as JSON lines. Requests are not logged: their paths and bodies hold what must not be there, and what they bring
 * about logs itself. An error loses what may quote a value: a statement's parameters, PostgreSQL's detail.
 */
export function loggingModule(level: string, destination: DestinationStream): DynamicModule {
  return LoggerModule.forRoot({
    // No middleware: it would give each line its request's id by AsyncLocalStorage, which on Node 20 slows every promise
    // of the process down, those of calls included. An error that is answered 500 is logged with its request's id.
    forRoutes: [],
    pinoHttp: [
      { level, autoLogging: false, quietReqLogger: true, serializers: { err: loggedError, req: () => undefined } },
      destination,
    ],
  });
}

const MAY_QUOTE_A_VALUE = ['parameters', 'query', 'detail', 'where', 'driverError', 'internalQuery'] as const;

/** @param error what was thrown, which can be anything; pino-http brings an error as the plain object it is logged as */
export function loggedError(error: unknown): unknown {
  if (typeof error === 'string') return withoutNumbers(error);
  if (typeof error !== 'object' || error === null) return undefined;
  const logged = stdSerializers.errWithCause(error as Error) as unknown as Record<string, unknown>;
  for (const field of MAY_QUOTE_A_VALUE) delete logged[field];
  for (const [field, text] of Object.entries(logged)) {
    if (typeof text === 'string') logged[field] = withoutNumbers(withoutValues(text));
  }
  if ('cause' in error && error.cause instanceof Error) logged.cause = loggedError(error.cause);
  return logged;
}

/** PostgreSQL ends some messages with the value that it could not read: `invalid input syntax for type uuid: "…"`. */
function withoutValues(text: string): string {
  return text.replace(/(invalid [\w ]+: )".*"/gs, '$1"…"');
}
