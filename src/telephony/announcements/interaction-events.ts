import type { EventType } from '../../orders/feed/event-types.js';
import type { OtherEvent } from '../../orders/feed/order-event-feed.queries.js';
import { outcomeOf, roleReached } from '../interactions/interactions.dto.js';
import type { InteractionNews } from './interaction-news.queries.js';

/**
 * The events that say what happened. They contain no phones and no numbers of ours, and use the words of
 * `GET /v1/orders/{reference}/interactions`.
 *
 * @param reference of the order; null = it is not known
 */
export function eventsOf(news: InteractionNews, reference: string | null): OtherEvent[] {
  const isUnattributed = news.kind === 'call' && news.decision === 'refuse' && news.callerRole === null;
  if (isUnattributed || reference === null) return [unattributed(news, reference)];
  return news.kind === 'call' ? eventsOfCall(news, reference) : [eventOfText(news, reference)];
}

/** The order is known if the dialled number serves only one. */
function unattributed({ provider, providerCallId, at, reason }: InteractionNews, reference: string | null): OtherEvent {
  const data = { ...(reference === null ? {} : { reference }), provider, providerCallId, reason };
  return { type: 'call.unattributed', subject: reference ?? `${provider} ${providerCallId}`, at, data };
}

function eventsOfCall(news: InteractionNews, reference: string): OtherEvent[] {
  const { provider, providerCallId, callerRole, decision, reason, talkSeconds } = news;
  const steps = news.steps ?? {};
  const data = {
    ...{ reference, provider, providerCallId, from: callerRole ?? 'unknown', to: roleReached(steps), decision, reason },
  };
  const event = (type: EventType, at: Date, more: object = {}) => ({
    type,
    subject: reference,
    at,
    data: { ...data, ...more },
  });
  const decidedAt = new Date(Math.max(...Object.values(steps).map((step) => Date.parse(step.at))));
  const decided = news.what === 'decided' ? [event('call.decided', decidedAt)] : [];
  const outcome = outcomeOf({ ...news, steps, delivery: null });
  if (decision !== 'connect' || outcome === null) return decided;
  // An end that was reported before the decision was recorded follows it.
  const ended = { outcome, talkSeconds };
  return [
    ...decided,
    event('call.ended', news.at, ended),
    ...(outcome === 'completed' ? [] : [event('call.missed', news.at, ended)]),
  ];
}

function eventOfText(news: InteractionNews, reference: string): OtherEvent {
  const { what, provider, providerCallId, at, callerRole, decision, reason } = news;
  const data = { reference, provider, providerMessageId: providerCallId };
  const event = (type: EventType, more: object) => ({ type, subject: reference, at, data: { ...data, ...more } });
  const people = { from: callerRole ?? 'unknown', to: roleReached(news.steps ?? {}) };
  if (what === 'opted-out' || reason === 'OPTED_OUT') return event('text.opted-out', { role: callerRole });
  if (reason === 'OPTED_IN') return event('text.opted-in', { role: callerRole });
  if (what === 'failed') return event('text.failed', { ...people, reason, outcome: 'failed' });
  if (decision === 'forward') return event('text.forwarded', { ...people, reason });
  return event('text.failed', { ...people, reason, outcome: 'dropped' });
}
