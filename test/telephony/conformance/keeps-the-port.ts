import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';

import { ProviderRefused } from '../../../src/telephony/providers/provider-errors.js';
import { ProviderRegistry } from '../../../src/telephony/providers/provider-registry.js';
import { API_KEY, type Body, type TestApp } from '../../support/app.js';
import type { Adapter } from './adapters.js';

/** What the port promises of each capability, at whichever provider. To be called within a `describe`. */
export function keepsThePort(adapter: Adapter, running: () => TestApp): void {
  const { name, country, aPhone } = adapter;
  const provider = () => running().get(ProviderRegistry).of(name);

  /** An order on numbers that the pool bought. */
  async function anOrder() {
    const app = running();
    const policy = { country, provider: name, texts: 'on', lowWater: 2, target: 2, maxNumbers: 2 } as const;
    const pool = await app.pool(policy);
    await app.replenish(pool);
    const [reference, customer, agent] = [`order-${randomBytes(4).toString('hex')}`, aPhone(), aPhone()];
    const order = await app.order(reference, customer, agent, { pool });
    return { reference, customer, agent, dials: order.customer.dials as string, shown: order.agent.dials as string };
  }

  const interactions = async (reference: string): Promise<Body[]> =>
    (await running().api('GET', `/v1/orders/${reference}/interactions`)).body.interactions;

  async function eventually<T>(look: () => Promise<T | undefined>): Promise<T> {
    for (let tries = 0; tries < 200; tries += 1) {
      const seen = await look();
      if (seen !== undefined) return seen;
      await sleep(25);
    }
    throw new Error('It never came.');
  }

  it('sells numbers, pointed at us, and takes them back', async () => {
    const { numbers } = provider();
    const [offer] = await numbers.search({ country, region: null });
    const { number, providerId } = await numbers.buy(offer!.number);
    expect(number).toBe(offer!.number);
    expect(await numbers.list()).toContainEqual(expect.objectContaining({ number, providerId }));
    expect([await numbers.flowOf(providerId), await numbers.configure(providerId)]).toEqual(['ours', 'ours']);
    await expect(numbers.buy(number)).rejects.toBeInstanceOf(ProviderRefused);
    await numbers.release(providerId);
    await numbers.release(providerId);
    await expect(numbers.flowOf(providerId)).rejects.toMatchObject({ status: 404 });
    expect((await numbers.list()).map((owned) => owned.number)).not.toContain(number);
  });

  it('knows no call that was never made', async () => {
    expect(await provider().callRecords!.find(adapter.aCallId(), false)).toBeNull();
  });

  it('makes a call that was ordered, tells how it ended, and has it in its books', async () => {
    const { reference, dials } = await anOrder();
    const headers = { authorization: `Bearer ${API_KEY}`, 'idempotency-key': 'tap' };
    const ordered = await running().request('POST', `/v1/orders/${reference}/calls`, headers, { from: 'agent' });
    expect([ordered.status, ordered.body.reason, ordered.body.shownNumber]).toEqual([201, null, dials]);
    const call = await eventually(async () => (await interactions(reference)).find(({ outcome }) => outcome !== null));
    expect(call).toMatchObject({
      provider: name,
      from: 'agent',
      outcome: 'completed',
      talkSeconds: expect.any(Number),
    });
    // Its books may lag behind its report.
    const end = await eventually(
      async () => (await provider().callRecords!.find(call.providerCallId, false))?.end ?? undefined,
    );
    expect(end).toMatchObject({ outcome: 'completed', talkSeconds: call.talkSeconds });
  });

  it('forwards a text once, from the number that the other participant can answer to, and tells of its delivery', async () => {
    const { texts } = provider();
    if (!texts?.forwardsIn(country)) return;
    const { reference, customer, agent, dials, shown } = await anOrder();
    await adapter.write(running(), customer, dials, 'At the gate');
    const received = await eventually(async () => (await adapter.textsOn(running(), agent))[0]);
    expect(received).toMatchObject({ from: shown, body: 'At the gate' });
    const text = await eventually(async () =>
      (await interactions(reference)).find(({ outcome }) => outcome === 'delivered'),
    );
    expect(text).toMatchObject({ kind: 'text', provider: name, reason: 'FORWARDED' });
    expect(await adapter.textsOn(running(), agent)).toHaveLength(1);
  });
}
