import { Injectable } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import { PinoLogger } from 'nestjs-pino';
import type { DataSource } from 'typeorm';

import { OrdersService } from '../../orders/lifecycle/orders.service.js';
import { addSeconds, Clock } from '../../platform/clock/clock.js';
import { Metrics } from '../../platform/observability/metrics.js';
import type { ProviderName } from '../../virtual-numbers/provider-name.js';
import type { CallRecords } from '../providers/call-records.js';
import { ProviderRegistry } from '../providers/provider-registry.js';
import { InteractionsService } from '../interactions/interactions.service.js';
import { ProviderRefused, ProviderUnavailable } from '../providers/provider-errors.js';
import { askAgain, claimCalls, putOff, settle, type ClaimedCall } from './reconcile.queries.js';

const CALLS_A_BATCH = 20;
/** Limits a round of one provider, so that a backlog does not use up the rate for calls to be placed. */
const BATCHES_A_ROUND = 3;
/** The wait before a call is asked about again: 15 minutes, then doubled each time, six hours at most. */
const AGAIN_SECONDS = 15 * 60;
const LONGEST_AGAIN_SECONDS = 6 * 60 * 60;
/** A provider's records may lag, so a call counts as unknown only after this many denials. */
const DENIALS_BELIEVED = 2;
const MOST_TIMES_ASKED = 10;
/** The pause for a provider that does not answer, or refuses all requests. */
const PEACE_SECONDS = 5 * 60;

export interface Reconciled {
  readonly asked: number;
  readonly ended: number;
  /** Calls that the provider does not know. */
  readonly madeUp: number;
}

const NOTHING: Reconciled = { asked: 0, ended: 0, madeUp: 0 };

/**
 * Asks providers for the ends of calls that were not reported. A call id that the provider does not know was invented
 * by somebody who knows the callback's secret, and who has learned a participant's phone; this is reported.
 */
@Injectable()
export class ReconcileService {
  constructor(
    @InjectDataSource() private readonly dataSource: DataSource,
    private readonly clock: Clock,
    private readonly providers: ProviderRegistry,
    private readonly interactions: InteractionsService,
    private readonly orders: OrdersService,
    private readonly metrics: Metrics,
    private readonly logger: PinoLogger,
  ) {
    logger.setContext(ReconcileService.name);
    // An alert sees only a rise: a counter that begins at 1 has none.
    for (const { name, callRecords } of providers.all) if (callRecords) metrics.callsMadeUp.inc({ provider: name }, 0);
  }

  /** Runs one round. A provider that does not answer gets no requests for a while, and delays no other. */
  async askForEnds(): Promise<Reconciled> {
    const rounds = await Promise.all(
      this.providers.all.map(({ name, callRecords }) =>
        callRecords ? this.askOne(name, callRecords) : Promise.resolve(NOTHING),
      ),
    );
    const sum = (count: (round: Reconciled) => number) => rounds.reduce((total, round) => total + count(round), 0);
    return { asked: sum(({ asked }) => asked), ended: sum(({ ended }) => ended), madeUp: sum(({ madeUp }) => madeUp) };
  }

  private async askOne(provider: ProviderName, records: CallRecords): Promise<Reconciled> {
    const counts = { asked: 0, ended: 0, madeUp: 0 };
    for (let batch = 0; batch < BATCHES_A_ROUND; batch += 1) {
      const now = this.clock.now();
      const calls = await claimCalls(
        this.dataSource.manager,
        ...([provider, now, addSeconds(now, AGAIN_SECONDS), CALLS_A_BATCH] as const),
      );
      for (const [index, call] of calls.entries()) {
        try {
          counts.asked += 1;
          const found = await this.ask(provider, records, call);
          if (found !== null) counts[found] += 1;
        } catch (err) {
          if (!(err instanceof ProviderUnavailable || err instanceof ProviderRefused)) throw err;
          this.logger.warn({ err, provider }, 'provider not asked further');
          const left = calls.slice(index).map(({ providerCallId }) => providerCallId);
          await putOff(this.dataSource.manager, provider, left, addSeconds(this.clock.now(), PEACE_SECONDS));
          return counts;
        }
      }
      if (calls.length < CALLS_A_BATCH) break;
    }
    return counts;
  }

  private async ask(
    provider: ProviderName,
    records: CallRecords,
    call: ClaimedCall,
  ): Promise<'ended' | 'madeUp' | null> {
    const { providerCallId, timesAsked, lacksRecording } = call;
    const booked = await records.find(providerCallId, lacksRecording);
    if (booked?.end) {
      await this.interactions.report(provider, providerCallId, booked.end);
      await settle(this.dataSource.manager, provider, providerCallId, true);
      return 'ended';
    }
    if (booked === null && timesAsked >= DENIALS_BELIEVED) {
      await this.tellMadeUp(provider, call);
      return 'madeUp';
    }
    const waitSeconds = Math.min(AGAIN_SECONDS * 2 ** (timesAsked - 1), LONGEST_AGAIN_SECONDS);
    const again = timesAsked < MOST_TIMES_ASKED ? addSeconds(this.clock.now(), waitSeconds) : null;
    if (again === null) this.logger.warn({ provider, callId: providerCallId }, 'end of a call given up');
    await askAgain(this.dataSource.manager, provider, providerCallId, again);
    return null;
  }

  private async tellMadeUp(provider: ProviderName, { providerCallId, orderId }: ClaimedCall): Promise<void> {
    await this.dataSource.transaction(async (tx) => {
      await settle(tx, provider, providerCallId, false);
      if (orderId !== null) await this.orders.note(tx, orderId, 'order.call-made-up');
    });
    this.metrics.callsMadeUp.inc({ provider });
    this.logger.error({ provider, callId: providerCallId, orderId }, 'call unknown to its provider');
  }
}
