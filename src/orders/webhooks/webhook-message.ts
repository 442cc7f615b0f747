import { feedCloudEvent } from '../feed/order-event-cloud-event.js';
import type { FeedEvent } from '../feed/order-event-feed.queries.js';
import type { WebhookMessage } from '../../platform/webhooks/webhook-sender.js';

const CONTENT_TYPE = 'application/cloudevents+json';

/**
 * An event as a webhook message: a CloudEvent, which also has the fields that Standard Webhooks names (`timestamp` is an
 * extension attribute to CloudEvents). The same event is the same message at every attempt, so its id needs no storing.
 */
export function messageOf(event: FeedEvent): WebhookMessage {
  const { time, data, ...rest } = feedCloudEvent(event);
  const body = { ...rest, time, timestamp: time, datacontenttype: 'application/json', data };
  return { id: `event-${event.position}`, contentType: CONTENT_TYPE, body: JSON.stringify(body) };
}

/** A message that is no event of the feed. */
export function testMessage(id: string, endpointId: string, now: Date): WebhookMessage & { readonly type: string } {
  const [type, time] = ['webhook.test', now.toISOString()];
  const body = {
    ...{ specversion: '1.0', source: 'maskline', id: `test-${id}`, type, subject: endpointId },
    ...{ time, timestamp: time, datacontenttype: 'application/json', data: { endpoint: endpointId } },
  };
  return { id: `test-${id}`, contentType: CONTENT_TYPE, body: JSON.stringify(body), type };
}
