import { aNumber, aPhone, numbers, TestApp } from '../../support/app.js';

let app: TestApp;
beforeAll(async () => {
  app = await TestApp.start({ exotelTexts: true });
});
afterAll(async () => {
  await app?.stop();
});

const open = (pool: object) => app.api('POST', '/v1/pools', pool);
const change = (name: string, policy: object) => app.api('PATCH', `/v1/pools/${name}`, policy);

describe('a pool', () => {
  it('has the default policy where nothing else is said', async () => {
    const { status, body } = await open({ name: 'plain', country: 'IN' });
    expect(status).toBe(201);
    expect(body).toEqual({
      name: 'plain',
      buying: 'on',
      maxSpendPerDay: null,
      maxSpendPerMonth: null,
      maxRent: null,
      currency: null,
      numberType: null,
      unknownNumbers: 'import',
      alternativeProvider: null,
      country: 'IN',
      region: null,
      provider: 'exotel',
      capacity: 1,
      graceSeconds: 1_800,
      cancelGraceSeconds: 0,
      quarantineSeconds: 86_400,
      lifetimeSeconds: 86_400,
      decideWithoutDatabaseSeconds: 900,
      lowWater: 10,
      target: 20,
      maxNumbers: 100,
      leadTimeSeconds: 3_600,
      channelsPerNumber: null,
      giveBackAfterSeconds: null,
      texts: 'off',
      pin: 'off',
      direction: 'both',
      maxCallSeconds: 3_600,
      maxRingSeconds: 45,
      maxCallsPerHour: null,
      quietHours: null,
      claimByPin: false,
      recordCalls: false,
      textsKeptSeconds: 0,
      language: 'en',
      links: null,
      assignNumbers: 'when-both-known',
      level: {
        assignable: 0,
        ordersHeld: 0,
        numbers: { provisioning: 0, available: 0, draining: 0, retired: 0, resting: 0, suspended: 0 },
      },
    });
    expect((await app.api('GET', '/v1/pools/plain')).body).toEqual(body);
  });

  it('has the policy it is given, and the defaults for what is null', async () => {
    const policy = { capacity: 5, graceSeconds: 1, cancelGraceSeconds: 2, quarantineSeconds: 3, lifetimeSeconds: 4 };
    const marks = { lowWater: 6, target: 7, maxNumbers: 8 };
    const named = { name: 'karnataka', country: 'IN', region: 'KA', provider: 'exotel' };
    expect((await open({ ...named, ...policy, ...marks })).body).toMatchObject({ ...named, ...policy, ...marks });
    const nulls = { region: null, capacity: null, graceSeconds: null, lowWater: null, target: null, maxNumbers: null };
    expect(await open({ name: 'nulls', country: 'IN', ...nulls })).toMatchObject({
      status: 201,
      body: { region: null, capacity: 1, graceSeconds: 1_800, lowWater: 10, target: 20, maxNumbers: 100 },
    });
  });

  it.each([
    [{ target: 4 }, { lowWater: 4, target: 4, maxNumbers: 100 }],
    [{ target: 500 }, { lowWater: 10, target: 500, maxNumbers: 500 }],
    [{ lowWater: 50 }, { lowWater: 50, target: 50, maxNumbers: 100 }],
    [{ maxNumbers: 4 }, { lowWater: 4, target: 4, maxNumbers: 4 }],
    [{ lowWater: 0 }, { lowWater: 0, target: 20, maxNumbers: 100 }],
  ])('with %j alone moves its other marks along', async (given, marks) => {
    const name = `marks-${Object.entries(given).join('-').replace(',', '-')}`;
    expect((await open({ name, country: 'IN', ...given })).body).toMatchObject(marks);
  });

  it('is refused when its marks contradict each other', async () => {
    const answer = await open({ name: 'upside-down', country: 'IN', lowWater: 5, target: 4 });
    expect(answer).toMatchObject({ status: 422, body: { type: '/problems/unsound-policy' } });
    expect(await app.count('pools', "name = 'upside-down'")).toBe(0);
  });

  it('has the policy of calls and texts that it is given', async () => {
    const quietHours = { from: '22:00', until: '07:00', timeZone: 'Asia/Kolkata' };
    const calls = { pin: 'always', direction: 'customer-to-agent', maxCallSeconds: 600, maxRingSeconds: 20 };
    const limits = { maxCallsPerHour: 5, quietHours, claimByPin: true, recordCalls: true };
    const policy = { ...calls, ...limits, texts: 'redacted', textsKeptSeconds: 60, language: 'hi' };
    expect((await open({ name: 'careful', country: 'IN', ...policy })).body).toMatchObject(policy);
    expect((await app.api('GET', '/v1/pools/careful')).body).toMatchObject(policy);
  });

  it('has the buying policy it is given, and loses its limits when they are null', async () => {
    const limits = { maxSpendPerDay: 5000.5, maxSpendPerMonth: 50_000, maxRent: 600, currency: 'INR' };
    const policy = { ...limits, buying: 'off', numberType: 'mobile', unknownNumbers: 'report' };
    expect((await open({ name: 'thrifty', country: 'IN', ...policy })).body).toMatchObject(policy);
    const none = { maxSpendPerDay: null, maxSpendPerMonth: null, maxRent: null, currency: null, numberType: null };
    expect((await change('thrifty', none)).body).toMatchObject({ ...none, buying: 'off', unknownNumbers: 'report' });
  });

  it.each([
    [{ buying: 'sometimes' }, 400],
    [{ maxSpendPerDay: -1, currency: 'INR' }, 400],
    [{ maxSpendPerDay: 0.001, currency: 'INR' }, 400],
    [{ maxSpendPerMonth: 10, currency: 'rupees' }, 400],
    [{ maxSpendPerMonth: 10 }, 422],
    [{ alternativeProvider: 'exotel' }, 422],
    [{ maxCallSeconds: 0 }, 400],
    [{ maxCallSeconds: 14_401 }, 400],
    [{ texts: 'sometimes' }, 400],
    [{ maxCallsPerHour: 0 }, 400],
    [{ quietHours: { from: '22:00', until: '24:00', timeZone: 'Asia/Kolkata' } }, 400],
    [{ quietHours: { from: '22:00', until: '07:00', timeZone: 'Asia/Nowhere' } }, 400],
    [{ quietHours: { from: '22:00', until: '07:00' } }, 400],
    [{ quietHours: 'at night' }, 400],
    [{ quietHours: { from: '22:00', until: '22:00', timeZone: 'Asia/Kolkata' } }, 422],
  ])('is refused with %j', async (policy, status) => {
    expect(await open({ name: 'odd', country: 'IN', ...policy })).toMatchObject({ status });
    expect(await app.count('pools', "name = 'odd'")).toBe(0);
  });

  it('is refused under a name that another has', async () => {
    await open({ name: 'twice', country: 'IN' });
    const answer = await open({ name: 'twice', country: 'GB' });
    expect(answer).toMatchObject({ status: 409, body: { type: '/problems/pool-name-taken', pool: 'twice' } });
  });

  it('is listed with its level, by name', async () => {
    const name = await app.pool({ capacity: 3 }, numbers(2));
    const { pools } = (await app.api('GET', '/v1/pools')).body;
    const names = pools.map((pool: { name: string }) => pool.name);
    expect(names).toEqual([...names].sort());
    const level = { assignable: 2, ordersHeld: 0, numbers: expect.objectContaining({ available: 2 }) };
    expect(pools.find((pool: { name: string }) => pool.name === name)).toMatchObject({ capacity: 3, level });
  });

  it.each(['GET', 'PATCH'] as const)('is not found by %s under a name that none has', async (method) => {
    const answer = await app.api(method, '/v1/pools/nowhere', method === 'GET' ? undefined : {});
    expect(answer).toMatchObject({ status: 404, body: { type: '/problems/pool-not-found' } });
  });
});

describe("a pool's policy", () => {
  it('is changed in what is named, and stays as it is in the rest', async () => {
    const name = await app.pool({ capacity: 2, graceSeconds: 60 });
    const changed = await change(name, { graceSeconds: 0, capacity: null });
    expect(changed).toMatchObject({ status: 200, body: { name, capacity: 2, graceSeconds: 0 } });
    expect((await change(name, {})).body).toEqual(changed.body);
  });

  it('loses its cap and its quiet hours when they become null', async () => {
    const quietHours = { from: '22:00', until: '07:00', timeZone: 'Asia/Kolkata' };
    const name = await app.pool({ maxCallsPerHour: 5, quietHours });
    expect((await change(name, { direction: null })).body).toMatchObject({ maxCallsPerHour: 5, quietHours });
    const changed = await change(name, { maxCallsPerHour: null, quietHours: null });
    expect(changed.body).toMatchObject({ maxCallsPerHour: null, quietHours: null, direction: 'both' });
  });

  it('is not changed into a contradiction, with itself or with what stays', async () => {
    const name = await app.pool({ lowWater: 2, target: 4 });
    for (const policy of [{ lowWater: 5 }, { target: 1 }, { lowWater: 9, target: 8 }]) {
      expect(await change(name, policy)).toMatchObject({
        status: 422,
        body: { type: '/problems/unsound-policy', field: 'lowWater', fields: ['lowWater', 'target'] },
      });
    }
    expect((await change(name, { maxRent: 5 })).body.fields).toContain('maxRent'); // without a currency
    expect((await app.api('GET', `/v1/pools/${name}`)).body).toMatchObject({ lowWater: 2, target: 4 });
  });

  it('decides calls without the database for at most the quarantine', async () => {
    const name = await app.pool({ quarantineSeconds: 3_600 });
    const both = ({ quarantineSeconds, decideWithoutDatabaseSeconds }: Record<string, unknown>) => [
      quarantineSeconds,
      decideWithoutDatabaseSeconds,
    ];
    expect(both((await change(name, {})).body)).toEqual([3_600, 900]);
    expect(both((await change(name, { quarantineSeconds: 60 })).body)).toEqual([60, 60]);
    expect(await change(name, { decideWithoutDatabaseSeconds: 61 })).toMatchObject({
      status: 422,
      body: { type: '/problems/unsound-policy', detail: expect.stringContaining('decideWithoutDatabaseSeconds is 61') },
    });
    expect(both((await change(name, { decideWithoutDatabaseSeconds: 0 })).body)).toEqual([60, 0]);
    expect(both((await change(name, { quarantineSeconds: 7_200 })).body)).toEqual([7_200, 0]);
    expect(both((await open({ name: 'short-rest', country: 'IN', quarantineSeconds: 0 })).body)).toEqual([0, 0]);
  });

  it('lets each number serve more orders when its capacity grows', async () => {
    const name = await app.pool({ capacity: 1 }, numbers(2));
    await app.order(`grow-1-${name}`, aPhone(), aPhone(), { pool: name });
    expect((await app.order(`grow-2-${name}`, aPhone(), aPhone(), { pool: name })).status).toBe('awaiting-numbers');
    expect((await change(name, { capacity: 2 })).body.level).toMatchObject({ assignable: 2, ordersHeld: 2 });
    expect((await app.order(`grow-3-${name}`, aPhone(), aPhone(), { pool: name })).status).toBe('active');
  });

  it('takes a smaller capacity from each number as its orders end', async () => {
    const name = await app.pool({ capacity: 3, cancelGraceSeconds: 0 }, numbers(2));
    const references = ['one', 'two'].map((order) => `shrink-${order}-${name}`);
    for (const reference of references) await app.order(reference, aPhone(), aPhone(), { pool: name });
    await change(name, { capacity: 1 });
    const capacities = async () =>
      (await app.api('GET', `/v1/numbers?pool=${name}`)).body.numbers.map((one: { capacity: number }) => one.capacity);
    expect(await capacities()).toEqual([2, 2]);
    await app.api('POST', `/v1/orders/${references[0]}/cancel`);
    expect(await capacities()).toEqual([1, 1]);
    await app.api('POST', `/v1/orders/${references[1]}/cancel`);
    expect(await capacities()).toEqual([1, 1]);
  });

  it('that changes leaves orders what they were promised', async () => {
    const name = await app.pool({ graceSeconds: 600 }, numbers(2));
    await app.order(`promise-${name}`, aPhone(), aPhone(), { pool: name });
    await change(name, { graceSeconds: 0 });
    const { body } = await app.api('POST', `/v1/orders/promise-${name}/complete`);
    expect(body.status).toBe('closing');
    expect(Date.parse(body.connectsUntil) - Date.parse(body.closedAt)).toBe(600_000);
  });
});

describe('numbers', () => {
  const imported = (pool: string, list: readonly object[]) =>
    app.api('POST', '/v1/numbers/import', { pool, numbers: list });
  const drain = (number: string) => app.api('POST', `/v1/numbers/${number}/drain`);
  const retire = (number: string) => app.api('POST', `/v1/numbers/${number}/retire`);
  const list = async (query: string) => (await app.api('GET', `/v1/numbers?${query}`)).body;

  it('that are imported are available at once', async () => {
    const pool = await app.pool({ capacity: 4 });
    const number = aNumber();
    const answer = await imported(pool, [{ number, providerId: 'sid-1' }]);
    expect(answer).toMatchObject({ status: 201, body: { nextCursor: null } });
    expect(answer.body.numbers).toEqual([
      { number, status: 'available', pool, provider: 'exotel', ordersHeld: 0, capacity: 4, withheldUntil: null },
    ]);
  });

  it('that are imported twice, in one request or in another pool, stay as they are', async () => {
    const [pool, other] = [await app.pool(), await app.pool({ capacity: 9 })];
    const number = aNumber();
    expect(await imported(pool, [{ number }, { number }])).toMatchObject({
      status: 201,
      body: { numbers: [{ number, pool }] },
    });
    const again = await imported(other, [{ number }]);
    expect(again.body.numbers).toMatchObject([{ number, pool, capacity: 1 }]);
    expect(await app.count('virtual_number_keys', `number = '${number}'`)).toBe(1);
  });

  it('of another country, or with a digit missing, are refused, and none of the request is imported', async () => {
    const pool = await app.pool();
    const good = aNumber();
    const answer = await imported(pool, [{ number: good }, { number: '0804700001' }, { number: '+442079460000' }]);
    expect(answer).toMatchObject({ status: 422, body: { type: '/problems/unusable-virtual-numbers' } });
    expect(answer.body.errors).toEqual([
      'numbers[1] has too few or too many digits for a number of IN, or begins wrong: write it whole, as +<country code><number>',
      'numbers[2] does not belong to IN, the country of the pool',
    ]);
    expect(await app.count('virtual_numbers', `number = '${good}'`)).toBe(0);
    expect(await imported('nowhere', [{ number: good }])).toMatchObject({ status: 404 });
  });

  it('are listed by pool and status, page by page', async () => {
    const own = numbers(5).sort();
    const pool = await app.pool({}, own);
    await drain(own[4]!);
    const seen: string[] = [];
    let cursor = '';
    do {
      const page = await list(`pool=${pool}&limit=2${cursor}`);
      seen.push(...page.numbers.map((one: { number: string }) => one.number));
      cursor = page.nextCursor === null ? '' : `&cursor=${page.nextCursor}`;
    } while (cursor !== '');
    expect(seen).toEqual(own);
    expect((await list(`pool=${pool}&status=draining`)).numbers).toMatchObject([{ number: own[4] }]);
    expect((await list(`pool=${pool}&status=retired`)).numbers).toEqual([]);
    expect(await app.api('GET', '/v1/numbers?pool=nowhere')).toMatchObject({ status: 404 });
  });

  it('that are drained serve what they hold and take no order more', async () => {
    const own = numbers(2);
    const pool = await app.pool({ capacity: 2 }, own);
    const [customer, agent] = [aPhone(), aPhone()];
    const order = await app.order(`drain-1-${pool}`, customer, agent, { pool });
    for (const number of own) expect(await drain(number)).toMatchObject({ status: 200, body: { status: 'draining' } });
    expect((await app.order(`drain-2-${pool}`, aPhone(), aPhone(), { pool })).status).toBe('awaiting-numbers');
    expect((await app.call(customer, order.customer.dials)).rings).toEqual([agent]);
  });

  it('are not retired while they hold an order, nor while somebody may still hear of one on them', async () => {
    const own = numbers(2);
    const pool = await app.pool({ quarantineSeconds: 3_600 }, own);
    const order = await app.order(`retire-${pool}`, aPhone(), aPhone(), { pool });
    const number = order.customer.dials;
    expect(await retire(number)).toMatchObject({
      status: 409,
      body: { type: '/problems/number-in-use', ordersHeld: 1 },
    });
    await app.api('POST', `/v1/orders/${order.reference}/cancel`);
    expect(await retire(number)).toMatchObject({ status: 409, body: { ordersHeld: 0, quarantinedPairs: 2 } });
    await app.pass({ hours: 2 });
    expect(await retire(number)).toMatchObject({ status: 200, body: { status: 'retired', ordersHeld: 0 } });
    expect(await retire(number)).toMatchObject({ status: 200, body: { status: 'retired' } });
  });

  it('that are drained take orders again once they are resumed', async () => {
    const own = numbers(2);
    const pool = await app.pool({}, own);
    for (const number of own) await drain(number);
    const resume = (number: string) => app.api('POST', `/v1/numbers/${number}/resume`);
    for (const number of own)
      expect(await resume(number)).toMatchObject({ status: 200, body: { status: 'available' } });
    expect((await resume(own[0]!)).body.status).toBe('available');
    expect((await app.order(`resumed-${pool}`, aPhone(), aPhone(), { pool })).status).toBe('active');
    expect((await resume('+918047999999')).status).toBe(404);
  });

  it('that are retired are drained no more, are not in service, and come back by import', async () => {
    const [number] = numbers(1) as [string];
    const [pool, other] = [await app.pool({}, [number]), await app.pool({ capacity: 3 })];
    await retire(number);
    expect(await drain(number)).toMatchObject({ status: 409, body: { type: '/problems/number-retired' } });
    const { callSid } = await app.call(aPhone(), number);
    expect(await app.count('interactions', `provider_call_id = '${callSid}' AND reason = 'UNKNOWN_VN'`)).toBe(1);
    expect((await app.order(`retired-${pool}`, aPhone(), aPhone(), { pool })).status).toBe('awaiting-numbers');
    const back = await imported(other, [{ number }]);
    expect(back.body.numbers).toMatchObject([{ number, status: 'available', pool: other, capacity: 3 }]);
  });

  it.each(['drain', 'retire'])('that are none of ours cannot be told to %s', async (what) => {
    const answer = await app.api('POST', `/v1/numbers/${aNumber()}/${what}`);
    expect(answer).toMatchObject({ status: 404, body: { type: '/problems/number-not-found' } });
  });
});
