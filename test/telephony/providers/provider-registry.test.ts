import { PROVIDERS } from '../../../src/installation/providers.js';
import { ProviderRegistry } from '../../../src/telephony/providers/provider-registry.js';
import { ExoPhones } from '../../../src/telephony/exotel/exophones.js';
import { TestApp } from '../../support/app.js';

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

describe('a name that is no provider’s', () => {
  const answer = (field: string) => ({
    status: 400,
    body: {
      type: '/problems/invalid-request',
      errors: [`${field} must be one of the following values: exotel, twilio`],
    },
  });

  it.each(['provider', 'alternativeProvider'])(
    'is refused as %s of a pool, with the names that there are',
    async (field) => {
      const pool = { name: 'nobodys', country: 'US', [field]: 'nobody' };
      expect(await maskline.api('POST', '/v1/pools', pool)).toMatchObject(answer(field));
    },
  );

  it('is refused when a pool is changed, and when numbers are imported', async () => {
    const pool = await maskline.pool();
    const changed = await maskline.api('PATCH', `/v1/pools/${pool}`, { alternativeProvider: 'nobody' });
    expect(changed).toMatchObject(answer('alternativeProvider'));
    const numbers = [{ number: '+918047099999', provider: 'nobody' }];
    const imported = await maskline.api('POST', '/v1/numbers/import', { pool, numbers });
    expect(imported).toMatchObject(answer('numbers.0.provider'));
  });

  it('is not written as one, either', async () => {
    const pool = { name: 'nobodys', country: 'US', provider: 'No body' };
    expect(await maskline.api('POST', '/v1/pools', pool)).toMatchObject({ status: 400 });
  });
});

it('a provider that is in no list cannot be added', () => {
  const registry = new ProviderRegistry(PROVIDERS);
  const { numbers } = maskline.get(ProviderRegistry).of('exotel');
  const nobody = { name: 'nobody', numbers, calls: null, callRecords: null, recordings: null, texts: null };
  expect(() => registry.add(nobody)).toThrow('Provider nobody is not in the list of providers.');
});

it('finds each provider its own adapter', () => {
  expect(maskline.get(ProviderRegistry).of('exotel').numbers).toBeInstanceOf(ExoPhones);
  expect(maskline.get(ProviderRegistry).find('twilio')).toBeNull();
});
