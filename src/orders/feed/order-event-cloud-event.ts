import type { FeedEvent, PlacedEvent } from './order-event-feed.queries.js';

/**
 * An order event as a CloudEvent. https://github.com/cloudevents/spec/blob/v1.0.2/cloudevents/formats/json-format.md
 */
export interface OrderCloudEvent {
  readonly specversion: '1.0';
  readonly source: 'maskline';
  /** The event's place in the feed; increases along the feed. */
  readonly id: string;
  readonly type: string;
  /** The order's reference. */
  readonly subject: string;
  /** RFC 3339. */
  readonly time: string;
  readonly data: { readonly reference: string };
}

export function asCloudEvent({ position, reference, kind, at }: PlacedEvent): OrderCloudEvent {
  return {
    specversion: '1.0',
    source: 'maskline',
    id: position,
    type: kind,
    subject: reference,
    time: at.toISOString(),
    data: { reference },
  };
}

/** An event of any type as a CloudEvent. */
export interface FeedCloudEvent extends Omit<OrderCloudEvent, 'data'> {
  readonly data: FeedEvent['data'];
}

export function feedCloudEvent({ position, type, subject, at, data }: FeedEvent): FeedCloudEvent {
  return { specversion: '1.0', source: 'maskline', id: position, type, subject, time: at.toISOString(), data };
}
