import { TestApp, type Body } from '../../support/app.js';
import { ProviderAccount } from '../../support/provider-account.js';

let maskline: TestApp;
let account: ProviderAccount;
beforeAll(async () => {
  maskline = await TestApp.start();
  account = new ProviderAccount(maskline);
});
afterAll(() => maskline.stop());

describe('the purchases of a pool', () => {
  it('are listed newest first, page by page, with the step that each has reached', async () => {
    const pool = await maskline.pool({ lowWater: 3, target: 3, region: 'MH' });
    expect((await maskline.api('GET', `/v1/pools/${pool}/purchases`)).body).toEqual({
      purchases: [],
      nextCursor: null,
    });
    await maskline.replenish(pool);
    const { body } = await maskline.api('GET', `/v1/pools/${pool}/purchases`);
    const owned = (await maskline.api('GET', `/v1/numbers?pool=${pool}`)).body.numbers as Body[];
    expect(body.purchases).toHaveLength(3);
    expect(body.purchases.map(({ number }: Body) => number).toSorted()).toEqual(
      owned.map(({ number }) => number).toSorted(),
    );
    for (const purchase of body.purchases) {
      expect(purchase).toMatchObject({
        ...{ provider: 'exotel', state: 'available', reason: null, currency: 'INR', rent: expect.any(Number) },
        ...{ wantedAt: expect.any(String), orderedAt: expect.any(String), settledAt: expect.any(String) },
      });
    }
    const paged: Body[] = [];
    for (let cursor = ''; ;) {
      const page = (await maskline.api('GET', `/v1/pools/${pool}/purchases?limit=1${cursor}`)).body;
      paged.push(...page.purchases);
      if (page.nextCursor === null) break;
      cursor = `&cursor=${page.nextCursor}`;
    }
    expect(paged).toEqual(body.purchases);
    expect((await maskline.api('GET', `/v1/pools/${pool}/purchases?cursor=x`)).status).toBe(400);
  });

  it('say why one failed', async () => {
    const pool = await maskline.pool({ lowWater: 1, target: 1, region: 'MH' });
    await account.faults({ api: 'buy', kind: 'refuse', times: 1 });
    await maskline.replenish(pool).catch(() => undefined);
    await account.faults();
    const { purchases } = (await maskline.api('GET', `/v1/pools/${pool}/purchases`)).body;
    const failed = purchases.filter(({ state }: Body) => state === 'failed');
    expect(failed).toHaveLength(1);
    expect(failed[0]).toMatchObject({ reason: expect.stringMatching(/\w/), settledAt: expect.any(String) });
  });
});
