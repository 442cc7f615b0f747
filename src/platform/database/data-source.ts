import { setTimeout as sleep } from 'node:timers/promises';

import { DataSource, type DataSourceOptions, type QueryRunner } from 'typeorm';

import { patiently } from '../start/patience.js';
import { isAboutTls, isDatabaseTrouble } from './connections/database-trouble.js';
import {
  connectionOptions,
  GENERAL_BOUNDS,
  MIGRATION_BOUNDS,
  openPool,
  type Bounds,
} from './connections/connection-pool.js';
import { dataSourceOn } from './connections/pool-driver.js';
import { serverOptions } from './connections/primary-server.js';
import { PoolsAndVirtualNumbers1795305600001 } from '../../../migrations/1795305600001-pools-and-virtual-numbers.js';
import { OrdersAndParticipants1795305600002 } from '../../../migrations/1795305600002-orders-and-participants.js';
import { Assignments1795305600003 } from '../../../migrations/1795305600003-assignments.js';
import { Interactions1795305600004 } from '../../../migrations/1795305600004-interactions.js';
import { NumberPurchases1795305600005 } from '../../../migrations/1795305600005-number-purchases.js';
import { IncomingEvents1795305600006 } from '../../../migrations/1795305600006-incoming-events.js';
import { HistoryByMonth1795305600007 } from '../../../migrations/1795305600007-history-by-month.js';
import { CallPolicy1795305600008 } from '../../../migrations/1795305600008-call-policy.js';
import { LimitsOfCalls1795305600009 } from '../../../migrations/1795305600009-limits-of-calls.js';
import { AlternatePhones1795305600010 } from '../../../migrations/1795305600010-alternate-phones.js';
import { Texts1795305600012 } from '../../../migrations/1795305600012-texts.js';
import { HowCallsWent1795305600014 } from '../../../migrations/1795305600014-how-calls-went.js';
import { WhatWasAndWhoAsked1795305600015 } from '../../../migrations/1795305600015-what-was-and-who-asked.js';
import { OutgoingCalls1795305600016 } from '../../../migrations/1795305600016-outgoing-calls.js';
import { BuyingPolicy1795305600018 } from '../../../migrations/1795305600018-buying-policy.js';
import { PurchasesStepByStep1795305600019 } from '../../../migrations/1795305600019-purchases-step-by-step.js';
import { ProviderCircuits1795305600020 } from '../../../migrations/1795305600020-provider-circuits.js';
import { NumberChecks1795305600021 } from '../../../migrations/1795305600021-number-checks.js';
import { ParticipantsByOrder1795305600034 } from '../../../migrations/1795305600034-participants-by-order.js';
import { OrderEventFeed1795305600030 } from '../../../migrations/1795305600030-order-event-feed.js';
import { Forecast1795305600022 } from '../../../migrations/1795305600022-forecast.js';
import { NumbersInRandomOrder1795305600026 } from '../../../migrations/1795305600026-numbers-in-random-order.js';
import { LanguageOfPools1795305600027 } from '../../../migrations/1795305600027-language-of-pools.js';
import { DoubtedLists1795305600037 } from '../../../migrations/1795305600037-doubted-lists.js';
import { EndOfRest1795305600038 } from '../../../migrations/1795305600038-end-of-rest.js';
import { WrongPins1795305600044 } from '../../../migrations/1795305600044-wrong-pins.js';
import { SecretsOfRepeats1795305600043 } from '../../../migrations/1795305600043-secrets-of-repeats.js';
import { NumbersByKey1795305600046 } from '../../../migrations/1795305600046-numbers-by-key.js';
import { ProviderLists1795305600041 } from '../../../migrations/1795305600041-provider-lists.js';
import { SealedPlaces1795305600045 } from '../../../migrations/1795305600045-sealed-places.js';
import { ColumnsWithoutUse1795305600049 } from '../../../migrations/1795305600049-columns-without-use.js';
import { Links1795305600083 } from '../../../migrations/1795305600083-links.js';
import { LinksOfOpenOrders1795305600084 } from '../../../migrations/1795305600084-links-of-open-orders.js';
import { DecidingWithoutTheDatabase1795305600085 } from '../../../migrations/1795305600085-deciding-without-the-database.js';
import { Explanations1795305600086 } from '../../../migrations/1795305600086-explanations.js';
import { EndsAndBlocksOfLinks1795305600089 } from '../../../migrations/1795305600089-ends-and-blocks-of-links.js';
import { EndedOrders1795305600090 } from '../../../migrations/1795305600090-ended-orders.js';
import { HistoryByInstant1795305600091 } from '../../../migrations/1795305600091-history-by-instant.js';
import { WhatBelongsToNoOrder1795305600092 } from '../../../migrations/1795305600092-what-belongs-to-no-order.js';
import { Erasures1795305600093 } from '../../../migrations/1795305600093-erasures.js';
import { Restorations1795305600099 } from '../../../migrations/1795305600099-restorations.js';
import { ApiKeys1795305600101 } from '../../../migrations/1795305600101-api-keys.js';
import { AuditOfChanges1795305600102 } from '../../../migrations/1795305600102-audit-of-changes.js';
import { WebhookEndpoints1795305600105 } from '../../../migrations/1795305600105-webhook-endpoints.js';
import { HistoryByNumber1795305600107 } from '../../../migrations/1795305600107-history-by-number.js';
import { IdempotentRequests1795305600103 } from '../../../migrations/1795305600103-idempotent-requests.js';
import { MonthsOfHistory1795305600115 } from '../../../migrations/1795305600115-months-of-history.js';
import { InteractionNews1795305600106 } from '../../../migrations/1795305600106-interaction-news.js';
import { ColumnsThatNobodyUses1795305600112 } from '../../../migrations/1795305600112-columns-that-nobody-uses.js';
import { ErasuresFollowEvents1795305600113 } from '../../../migrations/1795305600113-erasures-follow-events.js';
import { UnconfirmedKeys1795305600114 } from '../../../migrations/1795305600114-unconfirmed-keys.js';
import { ConsoleSessions1795305600120 } from '../../../migrations/1795305600120-console-sessions.js';
import { AssignmentsByShownNumber1795305600121 } from '../../../migrations/1795305600121-assignments-by-shown-number.js';
import { ParticipantsWithTheLock1795305600122 } from '../../../migrations/1795305600122-participants-with-the-lock.js';
import { DoubtStated1795305600123 } from '../../../migrations/1795305600123-doubt-stated.js';
import { BatchesUnderWay1795305600082 } from '../../../migrations/1795305600082-batches-under-way.js';
import { GivingBack1795305600023 } from '../../../migrations/1795305600023-giving-back.js';

const MIGRATIONS = [
  PoolsAndVirtualNumbers1795305600001,
  OrdersAndParticipants1795305600002,
  Assignments1795305600003,
  Interactions1795305600004,
  NumberPurchases1795305600005,
  IncomingEvents1795305600006,
  HistoryByMonth1795305600007,
  CallPolicy1795305600008,
  LimitsOfCalls1795305600009,
  AlternatePhones1795305600010,
  Texts1795305600012,
  HowCallsWent1795305600014,
  WhatWasAndWhoAsked1795305600015,
  OutgoingCalls1795305600016,
  BuyingPolicy1795305600018,
  PurchasesStepByStep1795305600019,
  ProviderCircuits1795305600020,
  NumberChecks1795305600021,
  OrderEventFeed1795305600030,
  Forecast1795305600022,
  NumbersInRandomOrder1795305600026,
  LanguageOfPools1795305600027,
  GivingBack1795305600023,
  ParticipantsByOrder1795305600034,
  DoubtedLists1795305600037,
  EndOfRest1795305600038,
  SecretsOfRepeats1795305600043,
  WrongPins1795305600044,
  ProviderLists1795305600041,
  SealedPlaces1795305600045,
  NumbersByKey1795305600046,
  ColumnsWithoutUse1795305600049,
  BatchesUnderWay1795305600082,
  Links1795305600083,
  LinksOfOpenOrders1795305600084,
  DecidingWithoutTheDatabase1795305600085,
  Explanations1795305600086,
  EndsAndBlocksOfLinks1795305600089,
  EndedOrders1795305600090,
  HistoryByInstant1795305600091,
  WhatBelongsToNoOrder1795305600092,
  Erasures1795305600093,
  Restorations1795305600099,
  ApiKeys1795305600101,
  AuditOfChanges1795305600102,
  IdempotentRequests1795305600103,
  WebhookEndpoints1795305600105,
  HistoryByNumber1795305600107,
  ErasuresFollowEvents1795305600113,
  UnconfirmedKeys1795305600114,
  MonthsOfHistory1795305600115,
  InteractionNews1795305600106,
  ConsoleSessions1795305600120,
  AssignmentsByShownNumber1795305600121,
  ParticipantsWithTheLock1795305600122,
  DoubtStated1795305600123,
  ColumnsThatNobodyUses1795305600112,
];

/**
 * Any constant. It identifies the advisory lock with which one process migrates while the others wait. Not 7263141, for
 * which earlier releases wait in a statement: one that starts meanwhile has nothing to migrate.
 */
const MIGRATION_LOCK = 7_263_142;

/** Pause of a process that waits for the one that migrates. */
const LOOK_AGAIN_MS = 200;

const POOL_SIZE = 12;

/**
 * For requests and jobs; calls have their own connections (`CallConnections`). Needs no server before its first
 * statement.
 */
export async function openDataSource(
  url: string,
  { entities }: Pick<DataSourceOptions, 'entities'>,
  bounds: Bounds = GENERAL_BOUNDS,
): Promise<DataSource> {
  return dataSourceOn(openPool(url, POOL_SIZE, connectionOptions(bounds)), { type: 'postgres', entities });
}

export function migrationOptions(url: string): DataSourceOptions {
  return {
    type: 'postgres',
    migrations: MIGRATIONS,
    migrationsTransactionMode: 'each',
    uuidExtension: 'pgcrypto',
    installExtensions: false,
    poolSize: POOL_SIZE,
    extra: { ...connectionOptions(MIGRATION_BOUNDS, { needsSession: true }), ...serverOptions(url) },
  };
}

/** For migrations and other long work. */
export function createDataSource(url: string): DataSource {
  return new DataSource(migrationOptions(url));
}

/**
 * Connects when the process starts, with retries. @throws the last failure; a refusal that cannot pass is not retried
 */
export async function connected(make: () => DataSource): Promise<DataSource> {
  // A data source that failed to connect cannot be used again.
  return patiently(
    async () => make().initialize(),
    (failure) => isDatabaseTrouble(failure) && !isAboutTls(failure),
  );
}

/** Brings the schema up to date. Any number of processes may do it at once: one migrates while the others wait. */
export async function migrate(dataSource: DataSource): Promise<void> {
  const lock = dataSource.createQueryRunner();
  try {
    await takeMigrationLock(lock);
    await dataSource.runMigrations();
    await lock.query('SELECT pg_advisory_unlock($1)', [MIGRATION_LOCK]);
  } finally {
    await lock.release();
  }
}

/** The names of the migrations that the schema lacks. Changes nothing. */
export async function pendingMigrations(dataSource: DataSource): Promise<string[]> {
  const names = dataSource.migrations.map(({ name, constructor }) => name ?? constructor.name);
  const [{ isNew }] = (await dataSource.query(`SELECT to_regclass('migrations') IS NULL AS "isNew"`)) as [
    { isNew: boolean },
  ];
  if (isNew) return names;
  const done = (await dataSource.query('SELECT name FROM migrations')) as { name: string }[];
  return names.filter((name) => !done.some((one) => one.name === name));
}

/** A process that waited in a statement would have a snapshot, whose end the creation of an index waits for. */
async function takeMigrationLock(runner: QueryRunner): Promise<void> {
  for (;;) {
    const [{ mine }] = (await runner.query('SELECT pg_try_advisory_lock($1) AS mine', [MIGRATION_LOCK])) as [
      { mine: boolean },
    ];
    if (mine) return;
    await sleep(LOOK_AGAIN_MS);
  }
}
