import { answered, ApiFailure, client, type Schemas } from '../api/client';
import { aKey } from '../api/idempotency';
import { clearPhones } from './exchange';
import { peopleOf, POOLS, providerOfPool, type Kind, type Provider } from './people';

export type SampleOrder = Schemas['OrderResponse'];

const PREFIX = 'sample-';
const AMONG = 50;

/** The newest sample order that has not ended; null = there is none. */
export async function findSample(): Promise<SampleOrder | null> {
  const { orders } = await answered(client.GET('/v1/orders', { params: { query: { limit: AMONG } } }));
  return orders.find((order) => isSample(order) && order.status !== 'ended') ?? null;
}

function isSample({ reference, pool }: SampleOrder): boolean {
  return reference.startsWith(PREFIX) && providerOfPool(pool) !== null;
}

/** Null = there is no such order any more. */
export async function readSample(reference: string): Promise<SampleOrder | null> {
  const params = { path: { reference } };
  return answered(client.GET('/v1/orders/{reference}', { params })).catch((failure: unknown) => {
    if (failure instanceof ApiFailure && failure.status === 404) return null;
    throw failure;
  });
}

/** Cancels the sample orders that are under way, and places another one. */
export async function placeSample(kind: Kind, provider: Provider): Promise<SampleOrder> {
  const pool = await openPool(provider);
  for (let before = await findOpen(); before !== null; before = await findOpen()) await endSample(before, 'cancel');
  await clearPhones();
  const reference = `${PREFIX}${crypto.getRandomValues(new Uint32Array(1))[0]!.toString(36)}`;
  const people = [...peopleOf(kind, provider)].map(([role, { phone }]) => ({ role, phone }));
  if (kind === 'parcel') {
    return answered(client.POST('/v1/orders', { body: { reference, pool, participants: people } }));
  }
  const [customer, agent] = people;
  await answered(client.POST('/v1/orders', { body: { reference, pool, customer: { phone: customer!.phone } } }));
  const params = { path: { reference } };
  return answered(client.PUT('/v1/orders/{reference}/agent', { params, body: { phone: agent!.phone } }));
}

export async function endSample({ reference }: SampleOrder, how: 'complete' | 'cancel'): Promise<SampleOrder> {
  const params = { path: { reference } };
  return how === 'complete'
    ? answered(client.POST('/v1/orders/{reference}/complete', { params }))
    : answered(client.POST('/v1/orders/{reference}/cancel', { params }));
}

/** Orders a call that rings the phone of one participant, then that of another. */
export async function orderCall({ reference }: SampleOrder, from: string, to: string): Promise<unknown> {
  const params = { path: { reference }, header: { 'Idempotency-Key': aKey() } };
  return answered(client.POST('/v1/orders/{reference}/calls', { params, body: { from, to } }));
}

async function findOpen(): Promise<SampleOrder | null> {
  const found = await findSample();
  return found?.status === 'closing' ? null : found;
}

/** Opens the pool of sample orders, whose numbers Maskline then buys, unless it is open. @returns its name */
async function openPool(provider: Provider): Promise<string> {
  const pool = POOLS[provider];
  await answered(client.POST('/v1/pools', { body: pool })).catch((failure: unknown) => {
    if (!(failure instanceof ApiFailure) || failure.slug !== 'pool-name-taken') throw failure;
  });
  return pool.name;
}
