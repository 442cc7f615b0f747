import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { pino } from 'pino';

import { createApplication } from '../src/installation/application.js';
import type { Clock } from '../src/platform/clock/clock.js';
import { PROVIDERS } from '../src/installation/providers.js';
import { ExotelModule } from '../src/telephony/exotel/exotel.module.js';
import { API_KEY, ENCRYPTION_KEYS, HOOK_SECRET, LOOKUP_KEY } from './world.js';

export interface AppEnvironment {
  readonly databaseUrl: string;
  /** A path, or 2 for standard error. */
  readonly logFile: string | 2;
  readonly role?: 'api' | 'worker';
  /** Default: no replica. */
  readonly replicaDir?: string;
}

export interface Otherwise {
  readonly logLevel?: string;
  readonly clock?: Clock;
}

/**
 * Starts the application as an installation with the given ROLE (default: api) does. It logs every decision in the same
 * way as `npm start`.
 */
export async function startApplication(
  { databaseUrl, logFile, role = 'api', replicaDir }: AppEnvironment,
  { logLevel = 'info', clock }: Otherwise = {},
): Promise<NestFastifyApplication> {
  return createApplication({
    databaseUrl,
    redisUrl: null,
    role,
    apiKeys: [API_KEY],
    phoneEncryptionKeys: ENCRYPTION_KEYS,
    phoneLookupKey: LOOKUP_KEY,
    providers: PROVIDERS,
    accounts: [
      ExotelModule.of({
        account: {
          sid: 'bench',
          apiKey: 'bench',
          apiToken: 'bench',
          apiBase: 'http://127.0.0.1:9',
          flowUrl: 'http://127.0.0.1:9/flow',
          recordingUrls: [],
        },
        hookSecrets: [HOOK_SECRET],
        hooks: `http://127.0.0.1:9/hooks/exotel/${HOOK_SECRET}`,
        country: 'IN',
        requestsPerSecond: 1,
        callbacks: {
          allowedCidrs: [],
          flowId: null,
          tenantId: null,
          timeZone: null,
          missesPerNumber: null,
          missesInAll: null,
          missesPerCaller: null,
          callerIdForm: 'e164',
        },
        texts: false,
      }),
    ],
    log: {
      level: logLevel,
      destination: pino.destination({ dest: logFile, sync: false, minLength: 8_192, periodicFlush: 1_000 }),
    },
    clock,
    replicaDir: replicaDir ?? null,
  });
}
