import { Injectable } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import { PinoLogger } from 'nestjs-pino';
import { Webhook } from 'standardwebhooks';
import type { DataSource } from 'typeorm';

import { addSeconds, Clock } from '../../platform/clock/clock.js';
import { inSpan } from '../../platform/observability/tracing.js';
import { Metrics } from '../../platform/observability/metrics.js';
import { asCloudEvent } from './order-event-cloud-event.js';
import {
  beginBatch,
  settleDelivery,
  takeDelivery,
  type Delivery,
  type PlacedEvent,
} from './order-event-feed.queries.js';
import { OrderEventFeedService } from './order-event-feed.service.js';

/** The webhook's URL and the secret that signs its requests; null = no webhook. */
export class OrderEventWebhook {
  constructor(
    readonly target: {
      readonly url: string;
      /** As in Standard Webhooks: base64, with or without the prefix `whsec_`. */
      readonly secret: string;
      /** The value of the `authorization` header, if the receiver requires one. */
      readonly authorization?: string;
    } | null,
  ) {}
}

const EVENTS_A_REQUEST = 100;
const TIMEOUT_MS = 10_000;
/** How long a claim lasts unless it is released. A process that dies during a request delays the next one by this. */
const TURN_SECONDS = 30;
const LONGEST_BACKOFF_SECONDS = 300;

/**
 * Sends order events to the order system in the sequence of the feed, as signed CloudEvents batches. Delivery is at
 * least once; no event is left out, and none overtakes another. A batch that is sent again has the same events and the
 * same `webhook-id`, so that receivers can skip it as a whole.
 * https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md
 */
@Injectable()
export class OrderEventDeliveryService {
  constructor(
    @InjectDataSource() private readonly dataSource: DataSource,
    private readonly webhook: OrderEventWebhook,
    private readonly feed: OrderEventFeedService,
    private readonly clock: Clock,
    private readonly metrics: Metrics,
    private readonly logger: PinoLogger,
  ) {
    logger.setContext(OrderEventDeliveryService.name);
  }

  get hasTarget(): boolean {
    return this.webhook.target !== null;
  }

  /**
   * Sends what is new, unless another process is sending or the last attempt has just failed. @returns the number of
   * acknowledged events
   */
  async deliver(): Promise<number> {
    const { target } = this.webhook;
    if (target === null) return 0;
    const { manager } = this.dataSource;
    await this.feed.placeAll(); // a new URL starts after them
    let delivered = 0;
    for (;;) {
      const now = this.clock.now();
      const turn = await takeDelivery(manager, target.url, now, addSeconds(now, TURN_SECONDS));
      if (turn === null) return delivered;
      const events = await this.batch(target.url, turn);
      if (events === null) return delivered;
      const refusal = events.length === 0 ? null : await this.send(target, events);
      if (refusal !== null) {
        const attempts = turn.attempts + 1;
        await settleDelivery(manager, target.url, { ...turn, attempts }, addSeconds(now, backoffSeconds(attempts)));
        this.metrics.orderEvents.inc({ result: 'failed' }, events.length);
        this.logger.warn({ attempts, refusal, next: events[0]!.position }, 'order system not told, tried again later');
        return delivered;
      }
      const deliveredTo = events.at(-1)?.position ?? turn.deliveredTo;
      await settleDelivery(manager, target.url, { deliveredTo, attempts: 0 }, now);
      this.metrics.orderEvents.inc({ result: 'delivered' }, events.length);
      delivered += events.length;
      if (events.length < EVENTS_A_REQUEST && turn.sendingTo === null) return delivered;
    }
  }

  /**
   * The batch that was sent and not acknowledged, or else the next one; null if another process has claimed the
   * delivery.
   */
  private async batch(url: string, turn: Delivery): Promise<PlacedEvent[] | null> {
    const { deliveredTo, sendingTo } = turn;
    if (sendingTo !== null) return this.feed.between(deliveredTo, sendingTo, EVENTS_A_REQUEST);
    const events = await this.feed.after(deliveredTo, EVENTS_A_REQUEST);
    const last = events.at(-1);
    if (last && !(await beginBatch(this.dataSource.manager, url, turn, last.position))) return null;
    return events;
  }

  /** @returns null if the events were acknowledged, otherwise why not */
  private async send(
    { url, secret, authorization }: NonNullable<OrderEventWebhook['target']>,
    events: readonly PlacedEvent[],
  ): Promise<string | null> {
    const body = JSON.stringify(events.map(asCloudEvent));
    const id = `order-events-${events[0]!.position}-${events.at(-1)!.position}`;
    const sentAt = new Date(); // the real time: receivers compare it with their own clock
    try {
      const attributes = { 'http.request.method': 'POST', 'maskline.events': events.length };
      const response = await inSpan('send order events', { kind: 'client', attributes }, async () =>
        fetch(url, {
          method: 'POST',
          headers: {
            'content-type': 'application/cloudevents-batch+json',
            ...(authorization === undefined ? {} : { authorization }),
            'webhook-id': id,
            'webhook-timestamp': String(Math.floor(sentAt.getTime() / 1_000)),
            'webhook-signature': new Webhook(secret).sign(id, sentAt, body),
          },
          body,
          redirect: 'manual', // following a redirect would turn the POST into a GET
          signal: AbortSignal.timeout(TIMEOUT_MS),
        }),
      );
      await response.body?.cancel();
      return response.ok ? null : `it answered ${response.status}`;
    } catch (failure) {
      const { name, cause } = failure as Error & { cause?: { code?: string } };
      return name === 'TimeoutError'
        ? `it did not answer within ${TIMEOUT_MS} ms`
        : `no connection: ${cause?.code ?? name}`;
    }
  }
}

/** 1 s, 2 s, 4 s … up to five minutes, each with up to half of it as random jitter. */
function backoffSeconds(attempts: number): number {
  return Math.min(2 ** (attempts - 1), LONGEST_BACKOFF_SECONDS) * (1 + Math.random() / 2);
}
