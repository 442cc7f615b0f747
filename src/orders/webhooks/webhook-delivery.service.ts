import { Injectable, type BeforeApplicationShutdown } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import { PinoLogger } from 'nestjs-pino';
import type { DataSource } from 'typeorm';

import { PhoneVault } from '../../phone-number/phone-vault.js';
import { addSeconds, Clock } from '../../platform/clock/clock.js';
import { DatabaseOutages } from '../../platform/database/database-outages.js';
import { Metrics } from '../../platform/observability/metrics.js';
import { WebhookSender, type WebhookAttempt } from '../../platform/webhooks/webhook-sender.js';
import { typesIn } from '../feed/event-types.js';
import type { FeedEvent } from '../feed/order-event-feed.queries.js';
import { OrderEventFeedService } from '../feed/order-event-feed.service.js';
import { FAILING_SECONDS, waitSeconds } from './retry-schedule.js';
import { deleteAttempts, recordAttempt, type NewAttempt } from './webhook-attempts.queries.js';
import type { ClaimedEndpoint, DisabledBecause } from './webhook-endpoint.js';
import { claimDueEndpoints, disable, release, settleDelivered, settleFailed } from './webhook-endpoints.queries.js';
import { messageOf } from './webhook-message.js';
import { signingSecrets } from './webhook-secrets.js';

const EVENTS_A_READ = 100;
/** Longer than an attempt. The endpoint of a process that dies gets nothing for so long. */
const CLAIM_SECONDS = 30;
const GONE = 410;

const ATTEMPTS_KEPT_SECONDS = 7 * 24 * 3_600;
const ATTEMPTS_A_BATCH = 1_000;

/**
 * Tells webhook endpoints of events: one event in a request, in the sequence of the feed. Each endpoint has its own pace.
 * An event that is not acknowledged is sent again by the schedule, with the same `webhook-id`, and those after it wait,
 * so none overtakes another and none is left out. docs/decisions/0112-an-endpoint-gets-its-events-in-sequence.md.
 */
@Injectable()
export class WebhookDeliveryService implements BeforeApplicationShutdown {
  private readonly underWay = new Set<Promise<void>>();
  private readonly stopping = new AbortController();

  constructor(
    @InjectDataSource() private readonly dataSource: DataSource,
    private readonly clock: Clock,
    private readonly vault: PhoneVault,
    private readonly feed: OrderEventFeedService,
    private readonly sender: WebhookSender,
    private readonly metrics: Metrics,
    private readonly outages: DatabaseOutages,
    private readonly logger: PinoLogger,
  ) {
    logger.setContext(WebhookDeliveryService.name);
  }

  /** What is being sent is sent again by another process. */
  async beforeApplicationShutdown(): Promise<void> {
    this.stopping.abort();
    await Promise.all(this.underWay);
  }

  /** Begins to send to all endpoints that are due, and does not wait for them. @returns how many */
  async begin(): Promise<number> {
    if (this.stopping.signal.aborted) return 0;
    await this.feed.placeAll();
    const now = this.clock.now();
    const endpoints = await claimDueEndpoints(this.dataSource, now, addSeconds(now, CLAIM_SECONDS));
    for (const endpoint of endpoints) {
      const sending = this.sendAll(endpoint)
        .catch((err: unknown) =>
          this.outages.failed(this.logger, { err, endpointId: endpoint.id }, 'webhook events not sent'),
        )
        .finally(() => this.underWay.delete(sending));
      this.underWay.add(sending);
    }
    return endpoints.length;
  }

  /** Waits until nothing is being sent. */
  async settled(): Promise<void> {
    while (this.underWay.size > 0) await Promise.all(this.underWay);
  }

  /** Deletes attempts that are older than a week. @returns how many */
  async deleteOldAttempts(): Promise<number> {
    const before = addSeconds(this.clock.now(), -ATTEMPTS_KEPT_SECONDS);
    let deleted = 0;
    for (let batch = ATTEMPTS_A_BATCH; batch === ATTEMPTS_A_BATCH; deleted += batch) {
      batch = await deleteAttempts(this.dataSource, before, ATTEMPTS_A_BATCH);
    }
    return deleted;
  }

  private async sendAll(endpoint: ClaimedEndpoint): Promise<void> {
    const types = typesIn(endpoint.types);
    for (let position = endpoint.deliveredTo; ;) {
      const { events, next } = await this.feed.page(position, EVENTS_A_READ, types);
      for (const event of events) {
        const attempt = await this.attempt(endpoint, event);
        if (attempt === null) return release(this.dataSource, endpoint, position);
        if (attempt.failure !== null) return this.settleFailed(endpoint, event, attempt);
        if (!(await this.settleDelivered(endpoint, event, attempt))) return; // it was changed meanwhile
        position = event.position;
        endpoint = { ...endpoint, attempts: 0, firstFailedAt: null };
      }
      position = next;
      if (events.length < EVENTS_A_READ) return release(this.dataSource, endpoint, position);
    }
  }

  /** @returns null if the process is about to stop; then it is unknown whether the event arrived */
  private async attempt(endpoint: ClaimedEndpoint, event: FeedEvent): Promise<(NewAttempt & WebhookAttempt) | null> {
    const { signal } = this.stopping;
    if (signal.aborted) return null;
    const at = this.clock.now();
    const message = messageOf(event);
    const target = { url: endpoint.url, secrets: signingSecrets(this.vault, endpoint, at) };
    const sent = await this.sender.send(target, message, signal).catch((failure: unknown) => {
      if (signal.aborted) return null;
      throw failure;
    });
    if (sent === null) return null;
    this.metrics.webhookAttempts.inc({ result: resultOf(sent) });
    return { webhookId: message.id, type: event.type, at, ...sent };
  }

  private async settleDelivered(endpoint: ClaimedEndpoint, event: FeedEvent, attempt: NewAttempt): Promise<boolean> {
    const until = addSeconds(this.clock.now(), CLAIM_SECONDS);
    return settleDelivered(this.dataSource, endpoint, event.position, until, attempt);
  }

  private async settleFailed(
    endpoint: ClaimedEndpoint,
    event: FeedEvent,
    attempt: NewAttempt & WebhookAttempt,
  ): Promise<void> {
    const now = this.clock.now();
    const firstFailedAt = endpoint.firstFailedAt ?? now;
    const attempts = endpoint.attempts + 1;
    await recordAttempt(this.dataSource, endpoint.id, attempt);
    const { failure: refusal, status, retryAfterSeconds } = attempt;
    const isOver = addSeconds(firstFailedAt, FAILING_SECONDS) <= now;
    if (status === GONE || isOver) {
      return this.disable(endpoint, status === GONE ? 'gone' : 'failing', { attempts, firstFailedAt });
    }
    const nextAttemptAt = addSeconds(now, waitSeconds(attempts, retryAfterSeconds));
    await settleFailed(this.dataSource, endpoint, { attempts, firstFailedAt, nextAttemptAt });
    const about = { endpointId: endpoint.id, attempts, refusal, next: event.position };
    this.logger.warn(about, 'webhook endpoint not told, tried again later');
  }

  private async disable(
    endpoint: ClaimedEndpoint,
    because: DisabledBecause,
    failed: { attempts: number; firstFailedAt: Date },
  ): Promise<void> {
    const now = this.clock.now();
    await this.dataSource.transaction(async (tx) => {
      if (!(await disable(tx, endpoint, because, failed, now))) return;
      const data = { endpoint: endpoint.id, because };
      await this.feed.append(tx, [{ type: 'webhook.disabled', subject: endpoint.id, at: now, data }]);
    });
    this.logger.error({ endpointId: endpoint.id, because }, 'webhook endpoint disabled');
  }
}

function resultOf({ failure, status }: WebhookAttempt): 'delivered' | 'refused' | 'unanswered' {
  if (failure === null) return 'delivered';
  return status === null ? 'unanswered' : 'refused';
}
