import { NumberProviders } from '../../src/telephony/providers/number-providers.js';
import { ExoPhones } from '../../src/telephony/exotel/exophones.js';
import { TestApp } from '../support/app.js';

let maskline: TestApp;
beforeAll(async () => {
  maskline = await TestApp.start({ withoutTwilio: true });
});
afterAll(() => maskline?.stop());

const MISSING =
  'No account of twilio is set up. Set TWILIO_ACCOUNT_SID, TWILIO_AUTH_TOKEN and PUBLIC_BASE_URL, and restart.';

describe('a provider without an account', () => {
  it('gets no pool, and the answer names the settings it needs', async () => {
    const { status, body } = await maskline.api('POST', '/v1/pools', { name: 'us', country: 'US', provider: 'twilio' });
    expect({ status, ...body }).toMatchObject({ status: 422, type: '/problems/provider-not-set-up', detail: MISSING });
    expect((await maskline.api('GET', '/v1/pools/us')).status).toBe(404);
  });

  it('lets the rounds of a pool that it had before say so, and touches nothing', async () => {
    const pool = await maskline.pool({ target: 2 });
    await maskline.dataSource.query(`UPDATE pools SET provider = 'twilio' WHERE name = $1`, [pool]);
    await expect(maskline.replenish(pool)).rejects.toThrow(MISSING);
    expect(await maskline.count('number_purchases')).toBe(0);
  });
});

it('finds each provider its own adapter', () => {
  expect(maskline.get(NumberProviders).of('exotel')).toBeInstanceOf(ExoPhones);
});
