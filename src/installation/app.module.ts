import { EVERYTHING, type KeptMonths } from '../platform/retention/kept-kinds.js';
import { RetentionModule } from '../platform/retention/retention.module.js';
import { RetentionPolicy } from '../platform/retention/retention.service.js';
import { Global, Module, type DynamicModule } from '@nestjs/common';
import { APP_FILTER, APP_GUARD, APP_INTERCEPTOR } from '@nestjs/core';
import type { DestinationStream } from 'pino';

import { PoolGuard } from '../orders/access/pool.guard.js';
import { OrderEventWebhook } from '../orders/feed/order-event-delivery.service.js';
import { OrdersRestorePlan } from '../orders/restoration/orders-restore-plan.js';
import { OrdersModule } from '../orders/orders.module.js';
import { PhoneNumberModule } from '../phone-number/phone-number.module.js';
import { PhoneVault } from '../phone-number/phone-vault.js';
import { VaultAnswerSeal } from '../phone-number/vault-answer-seal.js';
import { Clock, SystemClock } from '../platform/clock/clock.js';
import { HostClock } from '../platform/clock/host-clock.js';
import { DatabaseModule } from '../platform/database/database.module.js';
import { AuditModule } from '../platform/audit/audit.module.js';
import { AccessGuard } from '../platform/http/authentication/access.guard.js';
import { EnvironmentKeys } from '../platform/http/authentication/environment-keys.js';
import { StoredKeys } from '../platform/http/authentication/stored-keys.js';
import { StoredSessions } from '../platform/http/authentication/stored-sessions.js';
import { SessionsModule } from '../platform/sessions/sessions.module.js';
import { KeysModule } from '../platform/keys/keys.module.js';
import { Authentication } from '../platform/http/authentication/authentication.js';
import { AnswerSeal } from '../platform/http/idempotency/answer-seal.js';
import { ExpensiveWork } from '../platform/http/expensive-work.js';
import { HealthController } from '../platform/health/health.controller.js';
import { DatabaseOutageInterceptor } from '../platform/http/problems/database-outage.interceptor.js';
import { ProblemsController } from '../platform/http/problems/problems.controller.js';
import { RefusalAudit } from '../platform/http/server/refusal-audit.js';
import { RestorePlan } from '../platform/restoration/restore-plan.js';
import { RestoreWatchModule } from '../platform/restoration/restore-watch.module.js';
import { ProblemFilter } from '../platform/http/problems/problem.filter.js';
import { loggingModule } from '../platform/observability/logging.js';
import { Metrics } from '../platform/observability/metrics.js';
import { Readiness } from '../platform/observability/readiness.js';
import { queueModule } from '../platform/queue/queue.module.js';
import { AllowedAddresses } from '../platform/webhooks/allowed-addresses.js';
import { BuyingSwitch } from '../replenishment/purchases/buying-switch.js';
import { ReplenishmentModule } from '../replenishment/replenishment.module.js';
import { StatusModule } from '../status/status.module.js';
import { Greetings } from '../telephony/greetings/greetings.js';
import type { ProviderDefinition } from '../telephony/providers/provider-definition.js';
import { ProviderRegistry } from '../telephony/providers/provider-registry.js';
import { PersonsModule } from '../telephony/persons/persons.module.js';
import { TelephonyModule } from '../telephony/telephony.module.js';
import { ProviderAccounts } from '../virtual-numbers/pools/provider-accounts.js';
import { ReplicaHome } from '../virtual-numbers/replica/replica-feed.service.js';
import { VirtualNumbersModule } from '../virtual-numbers/virtual-numbers.module.js';

/** Everything that one process of Maskline needs to know about its surroundings. */
export interface Installation {
  /** May lead through a pooler. */
  readonly databaseUrl: string;
  /** For what a pooler cannot do: migrations, the replica, and queues in PostgreSQL. Default: `databaseUrl`. */
  readonly directDatabaseUrl?: string;
  /** Null = queues in PostgreSQL. */
  readonly redisUrl: string | null;
  readonly role: 'all' | 'api' | 'worker';
  /** The keys of API_KEY, which have every scope. */
  readonly apiKeys: readonly string[];
  readonly phoneEncryptionKeys: readonly Buffer[];
  readonly phoneLookupKey: Buffer;
  /** All providers; new pools use the first one that has an account. */
  readonly providers: readonly ProviderDefinition[];
  /** The modules of the providers with an account. Requests of others are not answered, and no pool can use them. */
  readonly accounts: readonly DynamicModule[];
  /** The URL of the exchange at which the accounts are, for the console's playground; null = real providers. */
  readonly exchangeUrl?: string | null;
  /** What callers hear; default: our own words. */
  readonly greetings?: Greetings;
  readonly log: { readonly level: string; readonly destination: DestinationStream };
  /** Addresses and networks whose X-Forwarded-For is used. */
  readonly trustedProxies?: readonly string[];
  /** The path below which a proxy serves the application, as in `/maskline`; default: none. The proxy removes it. */
  readonly publicPath?: string;
  /** Whole months to keep before the current one, by kind of rows; null and missing = forever. */
  readonly keptMonths?: Partial<KeptMonths>;
  /** Whether numbers may be bought; default true. */
  readonly buying?: boolean;
  /** The webhook for order events; null = none. */
  readonly orderEvents?: OrderEventWebhook['target'];
  /** Addresses and networks to which webhook endpoints may lead although they are not public; default: none. */
  readonly webhookNetworks?: readonly string[];
  readonly clock?: Clock;
  /** The folder of this host's replica of what call decisions read; null = none, the default. Workers have none. */
  readonly replicaDir?: string | null;
  /** A folder that survives restarts, in which the last heartbeat of the database is kept; default: `replicaDir`. */
  readonly witnessDir?: string | null;
  /** The database does not answer yet. Until `useLateDatabase` has prepared it, only calls are decided. */
  readonly databaseIsLate?: boolean;
}

/** What every module may inject: the clock, the vault, the keys, the metrics. */
@Global()
@Module({})
class InstallationModule {
  static of(installation: Installation): DynamicModule {
    const { clock, phoneEncryptionKeys, phoneLookupKey, apiKeys, keptMonths, buying } = installation;
    const { orderEvents, providers: definitions, greetings, role } = installation;
    const directUrl = installation.directDatabaseUrl ?? installation.databaseUrl;
    const replicaDir = role === 'worker' ? null : (installation.replicaDir ?? null);
    const providers = [
      { provide: Clock, useValue: clock ?? new SystemClock() },
      { provide: HostClock, useValue: new HostClock(clock) },
      { provide: PhoneVault, useValue: new PhoneVault(phoneEncryptionKeys, phoneLookupKey) },
      { provide: AnswerSeal, useFactory: (vault: PhoneVault) => new VaultAnswerSeal(vault), inject: [PhoneVault] },
      { provide: EnvironmentKeys, useValue: new EnvironmentKeys(apiKeys) },
      StoredKeys,
      StoredSessions,
      Authentication,
      { provide: ProviderRegistry, useValue: new ProviderRegistry(definitions) },
      { provide: ProviderAccounts, useExisting: ProviderRegistry },
      { provide: Greetings, useValue: greetings ?? new Greetings() },
      { provide: RetentionPolicy, useValue: new RetentionPolicy({ ...EVERYTHING, ...keptMonths }) },
      { provide: BuyingSwitch, useValue: new BuyingSwitch(buying ?? true) },
      { provide: OrderEventWebhook, useValue: new OrderEventWebhook(orderEvents ?? null) },
      { provide: AllowedAddresses, useValue: new AllowedAddresses(installation.webhookNetworks ?? []) },
      { provide: ReplicaHome, useValue: new ReplicaHome(replicaDir, directUrl) },
      { provide: RestorePlan, useClass: OrdersRestorePlan },
      { provide: Metrics, useValue: new Metrics() },
      Readiness,
      ExpensiveWork,
    ];
    return { module: InstallationModule, providers, exports: providers };
  }
}

@Module({
  controllers: [HealthController, ProblemsController],
  providers: [
    RefusalAudit,
    { provide: APP_FILTER, useClass: ProblemFilter },
    { provide: APP_GUARD, useClass: AccessGuard },
    { provide: APP_GUARD, useClass: PoolGuard },
    { provide: APP_INTERCEPTOR, useClass: DatabaseOutageInterceptor },
  ],
})
export class AppModule {
  static of(installation: Installation): DynamicModule {
    const { databaseUrl, redisUrl, role, log, phoneLookupKey: installationKey, accounts } = installation;
    const { databaseIsLate = false, directDatabaseUrl = databaseUrl } = installation;
    const { replicaDir = null, witnessDir = replicaDir } = installation;
    const works = role !== 'api';
    return {
      module: AppModule,
      imports: [
        InstallationModule.of(installation),
        loggingModule(log.level, log.destination),
        DatabaseModule.of(databaseUrl, !databaseIsLate),
        queueModule({
          redisUrl,
          databaseUrl: directDatabaseUrl,
          installationKey,
          works,
          workersWait: databaseIsLate,
        }),
        RestoreWatchModule.of({
          databaseUrl: directDatabaseUrl,
          folder: witnessDir,
          hasRedis: redisUrl !== null,
          isPrepared: !databaseIsLate,
        }),
        AuditModule,
        KeysModule,
        SessionsModule,
        PhoneNumberModule,
        RetentionModule,
        VirtualNumbersModule,
        OrdersModule,
        TelephonyModule,
        PersonsModule,
        ...accounts,
        ReplenishmentModule,
        StatusModule,
      ],
    };
  }
}
