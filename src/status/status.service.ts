import { Injectable } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import type { DataSource } from 'typeorm';

import { oldestUndelivered } from '../orders/feed/order-event-feed.queries.js';
import { OrderEventWebhook } from '../orders/feed/order-event-delivery.service.js';
import { waitingByPool } from '../orders/order/orders.queries.js';
import { liveOrders, type LiveOrders } from '../orders/views/live-orders.queries.js';
import type { DisabledBecause } from '../orders/webhooks/webhook-endpoint.js';
import { WebhookEndpointsService } from '../orders/webhooks/webhook-endpoints.service.js';
import { addSeconds, Clock } from '../platform/clock/clock.js';
import { sharedReading } from '../platform/observability/gauge-on-scrape.js';
import { QueueWatch, type QueueState } from '../platform/queue/queue-watch.js';
import { BuyingSwitch } from '../replenishment/purchases/buying-switch.js';
import { circuits, type ProviderUse } from '../replenishment/purchases/provider-circuits.queries.js';
import { spentByPool, type Spent } from '../replenishment/purchases/purchases.queries.js';
import type { RefuseReason } from '../telephony/decisions/call-reasons.js';
import { callsByMinute, type MinuteCalls } from '../telephony/interactions/calls-by-minute.queries.js';
import { ProviderRegistry } from '../telephony/providers/provider-registry.js';
import type { Pool } from '../virtual-numbers/pools/pool.entity.js';
import { PoolsService } from '../virtual-numbers/pools/pools.service.js';
import type { ProviderName } from '../virtual-numbers/provider-name.js';
import { Replica } from '../virtual-numbers/replica/replica.js';
import { ReplicaFeed } from '../virtual-numbers/replica/replica-feed.service.js';

/** Whole minutes whose calls are counted. */
const MINUTES = 15;
const MINUTE_MS = 60_000;
const USES: readonly ProviderUse[] = ['inventory', 'purchase'];

export interface PoolStatus {
  readonly pool: Pool;
  readonly orders: Readonly<Record<LiveOrders['status'], number>>;
  /** Since when the order that waits longest has waited for numbers; null = none waits. */
  readonly oldestWaitingSince: Date | null;
  readonly spent: Spent;
}

export interface CallMinute {
  readonly minute: Date;
  readonly connected: number;
  readonly refused: number;
  readonly pinAsked: number;
}

export interface ProviderStatus {
  readonly provider: ProviderName;
  readonly use: ProviderUse;
  /** Null = the last request succeeded. */
  readonly trouble: string | null;
  /** No requests are sent until then; null = they are sent. */
  readonly pausedUntil: Date | null;
}

export interface WebhookStatus {
  /** Null = the webhook of the settings. */
  readonly endpoint: string | null;
  readonly url: string;
  /** Null = it is enabled. */
  readonly disabledBecause: DisabledBecause | null;
  /** The age of the oldest event that was not acknowledged. */
  readonly behindSeconds: number;
}

export interface InstallationStatus {
  readonly minutes: readonly CallMinute[];
  /** Of these minutes, the most frequent first. */
  readonly refusals: readonly { readonly reason: RefuseReason; readonly calls: number }[];
  readonly isBuying: boolean;
  readonly providers: readonly ProviderStatus[];
  readonly queues: readonly QueueState[];
  readonly webhooks: readonly WebhookStatus[];
  readonly replica: ReplicaStatus;
}

export interface ReplicaStatus {
  /** How far it may be behind the database; null = this process has none that is filled. */
  readonly behindSeconds: number | null;
  /** Why the database does not allow one; null = it does, as far as is known. */
  readonly refusal: string | null;
}

/** What is going on in an installation now. */
@Injectable()
export class StatusService {
  /** Consoles that ask at the same time share a reading. */
  readonly installation = sharedReading(() => this.readInstallation());

  constructor(
    @InjectDataSource() private readonly dataSource: DataSource,
    private readonly clock: Clock,
    private readonly pools: PoolsService,
    private readonly endpoints: WebhookEndpointsService,
    private readonly webhook: OrderEventWebhook,
    private readonly buyingSwitch: BuyingSwitch,
    private readonly providers: ProviderRegistry,
    private readonly queues: QueueWatch,
    private readonly replica: Replica,
    private readonly feed: ReplicaFeed,
  ) {}

  /** By name. */
  async ofPools(): Promise<PoolStatus[]> {
    const tx = this.dataSource.manager;
    const pools = await this.pools.all();
    const live = await liveOrders(tx);
    const waiting = new Map((await waitingByPool(tx)).map((one) => [one.poolId, one.since]));
    const spent = await spentByPool(tx, this.clock.now());
    return pools.map((pool) => {
      const count = (status: LiveOrders['status']) =>
        live.find((one) => one.poolId === pool.id && one.status === status)?.orders ?? 0;
      return {
        pool,
        orders: {
          placed: count('placed'),
          'awaiting-numbers': count('awaiting-numbers'),
          active: count('active'),
          closing: count('closing'),
        },
        oldestWaitingSince: waiting.get(pool.id) ?? null,
        spent: spent.get(pool.id) ?? { today: 0, thisMonth: 0 },
      };
    });
  }

  private async readInstallation(): Promise<InstallationStatus> {
    const now = this.clock.now();
    const until = new Date(Math.floor(now.getTime() / MINUTE_MS) * MINUTE_MS);
    const from = addSeconds(until, (-MINUTES * MINUTE_MS) / 1_000);
    const calls = await callsByMinute(this.dataSource.manager, from, until);
    const ageMs = this.replica.ageMs();
    return {
      minutes: Array.from({ length: MINUTES }, (_, index) => minuteOf(addSeconds(from, index * 60), calls)),
      refusals: refusalsIn(calls),
      isBuying: this.buyingSwitch.isOn,
      providers: await this.providerStates(),
      queues: this.queues.states(),
      webhooks: await this.webhookStates(now),
      replica: { behindSeconds: ageMs === null ? null : ageMs / 1_000, refusal: this.feed.refusal },
    };
  }

  private async providerStates(): Promise<ProviderStatus[]> {
    const open = await circuits(this.dataSource.manager);
    return this.providers.all.flatMap(({ name }) =>
      USES.map((use) => {
        const circuit = open.find((one) => one.provider === name && one.use === use);
        return { provider: name, use, trouble: circuit?.reason ?? null, pausedUntil: circuit?.openUntil ?? null };
      }),
    );
  }

  private async webhookStates(now: Date): Promise<WebhookStatus[]> {
    const [endpoints, lags] = [await this.endpoints.list(), await this.endpoints.lags()];
    const states = endpoints.map(({ id, url, disabledBecause }): WebhookStatus => {
      return { endpoint: id, url, disabledBecause, behindSeconds: lags.get(id) ?? 0 };
    });
    const { target } = this.webhook;
    if (target === null) return states;
    const oldest = await oldestUndelivered(this.dataSource.manager, target.url);
    const behindSeconds = oldest === null ? 0 : Math.max(now.getTime() - oldest.getTime(), 0) / 1_000;
    return [{ endpoint: null, url: target.url, disabledBecause: null, behindSeconds }, ...states];
  }
}

function minuteOf(minute: Date, calls: readonly MinuteCalls[]): CallMinute {
  const its = calls.filter((one) => one.minute.getTime() === minute.getTime());
  const count = (decision: MinuteCalls['decision']) =>
    its.reduce((sum, one) => (one.decision === decision ? sum + one.calls : sum), 0);
  return { minute, connected: count('connect'), refused: count('refuse'), pinAsked: count('ask-pin') };
}

function refusalsIn(calls: readonly MinuteCalls[]): { reason: RefuseReason; calls: number }[] {
  const byReason = new Map<RefuseReason, number>();
  for (const { decision, reason, calls: count } of calls) {
    if (decision === 'refuse')
      byReason.set(reason as RefuseReason, (byReason.get(reason as RefuseReason) ?? 0) + count);
  }
  return [...byReason].map(([reason, count]) => ({ reason, calls: count })).toSorted((a, b) => b.calls - a.calls);
}
