import { randomBytes } from 'node:crypto';

import { until, type Started } from './started.js';

const HOOK_SECRET = 'the_secret_path_of_api_processes';

/**
 * The settings that the api processes of an installation share. They have an account with Exotel, so none of them starts
 * the exchange; nobody answers at its address.
 */
export function apiSettings(databaseUrl: string, more: Record<string, string> = {}): Record<string, string> {
  const key = () => randomBytes(32).toString('base64');
  return {
    ROLE: 'api',
    DATABASE_URL: databaseUrl,
    API_KEY: 'the-key-of-api-processes',
    PHONE_ENCRYPTION_KEY: key(),
    PHONE_LOOKUP_KEY: key(),
    PUBLIC_BASE_URL: 'http://127.0.0.1:9',
    EXOTEL_ACCOUNT_SID: 'acme1',
    EXOTEL_API_KEY: 'key',
    EXOTEL_API_TOKEN: 'token',
    EXOTEL_API_BASE: 'http://127.0.0.1:9',
    EXOTEL_FLOW_URL: 'http://127.0.0.1:9/acme1/exoml/start_voice/1',
    EXOTEL_HOOK_SECRET: HOOK_SECRET,
    ...more,
  };
}

/** The URL of Exotel's callbacks, at a process or at a proxy in front of several. */
export function hooksAt(url: string): string {
  return `${url}/hooks/exotel/${HOOK_SECRET}`;
}

/** Somebody on an active order. */
export interface Person {
  readonly phone: string;
  readonly dials: string;
  /** The phone of the other participant. */
  readonly reaches: string;
}

/** Opens a pool with numbers of its own, and places orders of two people in it. */
export async function somePeople(api: Started, orders: number, policy: object = {}): Promise<Person[]> {
  const numbers = Array.from({ length: 10 }, (_, index) => ({ number: `+9180471${String(index).padStart(5, '0')}` }));
  const pool = { name: 'calls', country: 'IN', lowWater: 0, target: 0, capacity: 1_000, buying: 'off', ...policy };
  await created(api, 'pools', pool);
  await created(api, 'numbers/import', { pool: 'calls', numbers });
  const people: Person[] = [];
  for (let index = 0; index < orders; index += 1) {
    const [customer, agent] = [
      `+9190000${String(index).padStart(5, '0')}`,
      `+9190001${String(index).padStart(5, '0')}`,
    ];
    const reference = `order-${index}`;
    await created(api, 'orders', { reference, pool: 'calls', customer: { phone: customer } });
    const { status, body, text } = await api.api('PUT', `orders/${reference}/agent`, { phone: agent });
    if (status !== 200) throw new Error(text);
    people.push({ phone: customer, dials: body.customer.dials, reaches: agent });
    people.push({ phone: agent, dials: body.agent.dials, reaches: customer });
  }
  return people;
}

async function created(api: Started, path: string, body: object): Promise<void> {
  const { status, text } = await api.api('POST', path, body);
  if (status !== 201) throw new Error(text);
}

/** Waits until the replica of a process has everything that is committed now. */
export async function replicated(api: Started): Promise<void> {
  const since = Date.now();
  await until(async () => {
    const lagSeconds = await api.metric('maskline_replica_lag_seconds');
    return (lagSeconds !== null && lagSeconds * 1_000 < Date.now() - since) || null;
  });
}

export function anyOf<T>(list: readonly T[]): T {
  return list[Math.floor(Math.random() * list.length)]!;
}

export const aCallId = (): string => randomBytes(16).toString('hex');
