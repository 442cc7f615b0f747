import { ProviderRegistry } from '../../../src/telephony/providers/provider-registry.js';
import { aPhone, numbers, TestApp } from '../../support/app.js';

let app: TestApp;
beforeAll(async () => {
  app = await TestApp.start(); // with an Exotel account that passes no texts on, as in India
});
afterAll(() => app.stop());

describe('a pool whose provider passes no texts on', () => {
  it('says so, whatever its policy', async () => {
    const name = await app.pool();
    expect((await app.api('GET', `/v1/pools/${name}`)).body.texts).toBe('unavailable');
    expect((await app.api('PATCH', `/v1/pools/${name}`, { texts: 'off', graceSeconds: 1 })).status).toBe(200);
  });

  it.each(['on', 'redacted'])('cannot have texts %s', async (texts) => {
    const name = await app.pool();
    const problem = { type: '/problems/texts-unavailable', provider: 'exotel', country: 'IN' };
    expect(await app.api('PATCH', `/v1/pools/${name}`, { texts })).toMatchObject({ status: 422, body: problem });
    const opened = await app.api('POST', '/v1/pools', { name: `with-${texts}`, country: 'IN', texts });
    expect(opened).toMatchObject({ status: 422, body: problem });
    expect(await app.count('pools', `name = 'with-${texts}'`)).toBe(0);
  });

  it('tells the order system with each order, before it offers texts in the app', async () => {
    const order = await app.order('order-without-texts', aPhone(), aPhone(), { pool: await app.pool({}, numbers(2)) });
    expect(order.texts).toBe('unavailable');
    expect((await app.api('GET', '/v1/orders')).body.orders[0].texts).toBe('unavailable');
  });

  it('may have its policy changed in everything else, even if it once could', async () => {
    const name = await app.pool();
    await app.dataSource.query(`UPDATE pools SET texts = 'on' WHERE name = $1`, [name]);
    expect(await app.api('PATCH', `/v1/pools/${name}`, { graceSeconds: 5 })).toMatchObject({
      status: 200,
      body: { texts: 'unavailable', graceSeconds: 5 },
    });
  });
});

it('is of a provider in a country', () => {
  const registry = app.get(ProviderRegistry);
  expect(registry.textUse({ provider: 'twilio', country: 'GB', texts: 'redacted' })).toBe('redacted');
  expect(registry.textUse({ provider: 'twilio', country: 'IN', texts: 'redacted' })).toBe('unavailable');
  expect(registry.textUse({ provider: 'exotel', country: 'GB', texts: 'on' })).toBe('unavailable');
});
