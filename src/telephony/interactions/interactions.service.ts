import { Injectable } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import { PinoLogger } from 'nestjs-pino';
import type { DataSource } from 'typeorm';

import { OrderViewsService } from '../../orders/views/order-views.service.js';
import { PhoneVault } from '../../phone-number/phone-vault.js';
import { recordingOf } from '../../phone-number/sealed-place.js';
import { Clock } from '../../platform/clock/clock.js';
import { CallConnections } from '../../platform/database/call-connections.js';
import { sharedPool } from '../../platform/database/statement.js';
import { inSpan } from '../../platform/observability/tracing.js';
import { Metrics } from '../../platform/observability/metrics.js';
import type { Role } from '../../virtual-numbers/role.js';
import type { ProviderName } from '../../virtual-numbers/provider-name.js';
import { pageOf, placeCursor, readPlace } from '../../platform/http/cursor-page.js';
import type { Interaction } from '../decisions/interaction.entity.js';
import { callTrace } from '../providers/call-trace.js';
import type { CallEnd, CallProgress, CallReport } from '../providers/call-report.js';
import { findCaller, keepRecording, recordReport } from './call-reports.queries.js';
import { nextOfOrder } from './known-interactions.queries.js';
import { ProviderRegistry } from '../providers/provider-registry.js';

export interface InteractionPage {
  readonly interactions: readonly Interaction[];
  readonly nextCursor: string | null;
}

/** A participant of an order. */
export interface CallingParticipant {
  readonly reference: string;
  readonly role: Role;
}

/** The calls and texts of an order, and how they ended. */
@Injectable()
export class InteractionsService {
  constructor(
    @InjectDataSource() private readonly dataSource: DataSource,
    private readonly connections: CallConnections,
    private readonly clock: Clock,
    private readonly orders: OrderViewsService,
    private readonly vault: PhoneVault,
    private readonly providers: ProviderRegistry,
    private readonly metrics: Metrics,
    private readonly logger: PinoLogger,
  ) {
    logger.setContext(InteractionsService.name);
  }

  /**
   * Records a provider's report on a call. Reports may come several times, in any order, and before the call itself is
   * known; the row becomes the same.
   */
  async report(provider: ProviderName, providerCallId: string, report: CallReport): Promise<void> {
    if (report.state !== 'recorded') await this.record(provider, providerCallId, report);
    if ('recordingUrl' in report && report.recordingUrl != null) {
      await this.keepRecording(provider, providerCallId, report.recordingUrl);
    }
  }

  /**
   * The participant who is calling in a call that is in progress; null if there is none, or the call is over or
   * unknown.
   */
  async callerOf(provider: ProviderName, providerCallId: string): Promise<CallingParticipant | null> {
    const caller = await findCaller(this.connections, provider, providerCallId);
    const reference = caller && (await this.orders.referenceOf(caller.orderId));
    return caller && reference !== null ? { reference, role: caller.role } : null;
  }

  /**
   * The decided calls and texts of an order, oldest first. @throws OrderNotFound; InvalidRequest for an invalid cursor
   */
  async ofOrder(reference: string, limit: number, cursor?: string): Promise<InteractionPage> {
    const order = await this.orders.byReference(reference);
    const after = readPlace(cursor, 'ordinal');
    const calls = await nextOfOrder(sharedPool(this.dataSource), order, after, limit + 1);
    const { page, nextCursor } = pageOf(calls, limit, ({ at, ordinal }) => placeCursor({ at, id: ordinal }));
    return { interactions: page, nextCursor };
  }

  private async record(provider: ProviderName, providerCallId: string, report: CallProgress | CallEnd): Promise<void> {
    const end = report.state === 'ended' ? report : null;
    const { state } = report;
    const attributes = {
      'maskline.provider': provider,
      'maskline.state': state,
      'maskline.outcome': end?.outcome ?? undefined,
    };
    await inSpan('record report', { trace: callTrace(provider, providerCallId), attributes }, async () =>
      recordReport(this.connections, {
        provider,
        providerCallId,
        progress: report.state === 'ended' ? null : report.state,
        sequence: end?.sequence ?? null,
        outcome: end?.outcome ?? null,
        talkSeconds: end?.talkSeconds ?? null,
        ringSeconds: end?.ringSeconds ?? null,
        hungUpBy: end?.hungUpBy ?? null,
        at: this.clock.now(),
      }),
    );
    this.logger.info(
      { provider, callId: providerCallId, state, outcome: end?.outcome, talkSeconds: end?.talkSeconds },
      'call reported',
    );
  }

  /**
   * Stores the link if our own decision was to record the call and the link leads to where the provider keeps
   * recordings. Other links are ignored, because their sender should not have them.
   */
  private async keepRecording(provider: ProviderName, providerCallId: string, link: string): Promise<void> {
    if (this.providers.find(provider)?.recordings?.audioAt(link) == null)
      return this.leave(provider, providerCallId, 'elsewhere');
    const sealed = this.vault.sealText(link, recordingOf(provider, providerCallId));
    const kept = await keepRecording(this.connections, provider, providerCallId, sealed);
    if (!kept) this.leave(provider, providerCallId, 'unasked');
  }

  private leave(provider: ProviderName, callId: string, why: 'elsewhere' | 'unasked'): void {
    this.metrics.recordingLinksLeft.inc({ provider, why });
    this.logger.warn({ provider, callId, why }, 'link to a recording not kept');
  }
}
