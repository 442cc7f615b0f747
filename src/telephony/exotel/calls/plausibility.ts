import type { ExotelCallbackSettings } from '../exotel-config.js';
import { parameter, type ExotelQuery } from '../exotel-query.js';

/** The largest accepted difference between `CurrentTime` and our clock. */
const LONGEST_AWAY_MS = 10 * 60 * 1000;

const NAIVE_TIME = /^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d$/;

/** The part of a request that cannot be our flow's; null if every part can. Missing parts are accepted. */
export type Implausible = 'flow' | 'tenant' | 'time';

export function whyImplausible(query: ExotelQuery, rules: ExotelCallbackSettings, now: Date): Implausible | null {
  if (differs(rules.flowId, parameter(query, 'flow_id'))) return 'flow';
  if (differs(rules.tenantId, parameter(query, 'tenant_id'))) return 'tenant';
  if (rules.timeZone !== null && isAway(parameter(query, 'CurrentTime'), rules.timeZone, now)) return 'time';
  return null;
}

function differs(expected: string | null, said: string): boolean {
  return expected !== null && said !== '' && said !== expected;
}

/** Exotel sends local times without a zone, so they are compared with the local time of the configured zone. */
function isAway(said: string, timeZone: string, now: Date): boolean {
  if (said === '') return false;
  return !NAIVE_TIME.test(said) || !(Math.abs(asIfUtc(said) - asIfUtc(wallClock(timeZone, now))) <= LONGEST_AWAY_MS);
}

function asIfUtc(naive: string): number {
  return Date.parse(`${naive.replace(' ', 'T')}Z`);
}

const formats = new Map<string, Intl.DateTimeFormat>();

/** `2026-11-22 11:30:00`: the Swedish format is Exotel's. */
export function wallClock(timeZone: string, now: Date): string {
  let format = formats.get(timeZone);
  if (!format) {
    format = new Intl.DateTimeFormat('sv-SE', { timeZone, dateStyle: 'short', timeStyle: 'medium' });
    formats.set(timeZone, format);
  }
  return format.format(now);
}
