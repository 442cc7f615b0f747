import type { NestFastifyApplication } from '@nestjs/platform-fastify';

import { createApplication } from './application.js';
import { startInstallation, type RunningInstallation } from './installation.js';
import type { Settings } from './platform/config/settings.js';
import { createDataSource, migrate } from './platform/database/data-source.js';
import { PoolsService } from './virtual-numbers/pools.service.js';

/** A whole Maskline in this process: its parts, its schema, and the application, which listens. */
export interface RunningMaskline extends RunningInstallation {
  readonly app: NestFastifyApplication;
}

/** @throws SettingsError and other Errors whose message is one sentence that a person can act on; nothing is left running. */
export async function startMaskline(settings: Settings): Promise<RunningMaskline> {
  const parts = await startInstallation(settings);
  let app: NestFastifyApplication | undefined;
  const stop = async () => {
    await app?.close();
    await parts.stop();
  };
  try {
    await migrateDatabase(parts.installation.databaseUrl, settings.databaseUrl !== null);
    app = await createApplication(parts.installation);
    await app.get(PoolsService).ensureDefault(settings.defaultCountry);
    await app.listen(settings.port, settings.host);
    return { ...parts, app, stop };
  } catch (failure) {
    await stop().catch(() => undefined); // why it did not start is what matters
    throw failure;
  }
}

async function migrateDatabase(url: string, isForeign: boolean): Promise<void> {
  const dataSource = createDataSource(url);
  try {
    await dataSource.initialize();
  } catch (cause) {
    if (!isForeign) throw cause;
    const why = cause instanceof AggregateError ? (cause.errors[0] as Error).message : (cause as Error).message;
    throw new Error(`DATABASE_URL leads to no PostgreSQL that lets us in (${why}): start it, or correct the URL.`, {
      cause,
    });
  }
  await migrate(dataSource).finally(() => dataSource.destroy());
}
