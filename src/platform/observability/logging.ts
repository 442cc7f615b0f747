import { LoggerModule } from 'nestjs-pino';
import type { DynamicModule } from '@nestjs/common';
import { stdSerializers, type DestinationStream } from 'pino';

import { fieldsOfWork } from './work-context.js';
import { withoutNumbers } from './without-numbers.js';

/**
 * Logs JSON lines. Requests are logged by `logRequests`, not by pino-http, which would log paths: they contain personal
 * data. Errors are logged without values: no statement parameters, no detail of PostgreSQL.
 */
export function loggingModule(level: string, destination: DestinationStream): DynamicModule {
  return LoggerModule.forRoot({
    // No middleware: it would make a logger for each request. The context of the request is enough.
    forRoutes: [],
    pinoHttp: [
      {
        level,
        autoLogging: false,
        quietReqLogger: true,
        serializers: { err: loggedError, req: () => undefined },
        mixin: fieldsOfWork,
        mixinMergeStrategy: (line, work) => Object.assign(line, work), // pino copies the line, which has more fields
      },
      destination,
    ],
  });
}

const MAY_QUOTE_A_VALUE = ['parameters', 'query', 'detail', 'where', 'driverError', 'internalQuery'] as const;

/** @param error whatever was thrown; pino-http passes errors as the plain objects that it logs */
function loggedError(error: unknown): unknown {
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

/** Some PostgreSQL messages end with the value that it could not read: `invalid input syntax for type uuid: "…"`. */
function withoutValues(text: string): string {
  return text.replace(/(invalid [\w ]+: )".*"/gs, '$1"…"');
}
