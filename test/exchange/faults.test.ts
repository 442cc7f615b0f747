import { anExchange, send, type AtTheExchange } from './at-the-exchange.js';

let exchange: AtTheExchange;
beforeEach(async () => {
  exchange = await anExchange('http://127.0.0.1:9/hooks/exotel/s', { owned: ['+918040000500'] });
});
afterEach(() => exchange.close());

const faults = (...list: object[]) => exchange.operator('PUT', '/exchange/faults', list);
const buy = (number: string) => exchange.exophones('POST', 'IncomingPhoneNumbers', { PhoneNumber: number });
const list = () => exchange.exophones('GET', 'IncomingPhoneNumbers');
const search = () => exchange.exophones('GET', 'AvailablePhoneNumbers/IN/Landline');
const owned = async () => (await exchange.operator('GET', '/exchange')).body.numbersOwned as number;

describe('faults', () => {
  it.each([400, 401, 402, 404, 409, 422, 500, 503])('answer %i in the provider’s words', async (status) => {
    await faults({ api: 'buy', kind: 'status', status });
    const answer = await buy('+918040000001');
    expect(answer).toMatchObject({ status, body: { RestException: { Status: status } } });
    expect(await owned()).toBe(1);
  });

  it('answer 429 and when to come back', async () => {
    await faults({ api: 'search', kind: 'status', status: 429, retryAfter: 7 });
    const answer = await search();
    expect(answer).toMatchObject({
      status: 429,
      body: { RestException: { Status: 429, Message: 'Too many requests' } },
    });
    expect(answer.headers.get('retry-after')).toBe('7');
  });

  it('answer with a text that repeats what was sent, or with that alone, which is no JSON', async () => {
    await faults({ api: 'buy', kind: 'status', status: 422, quotes: true });
    expect((await buy('+918040000001')).body.RestException.Message).toContain('+918040000001');
    await faults({ api: 'buy', kind: 'garbled' });
    await expect(buy('+918040000001')).rejects.toThrow('"+918040000001" is not valid JSON');
    expect(await owned()).toBe(1);
  });

  it('answer 502 as a gateway does, without JSON', async () => {
    await faults({ api: 'list', kind: 'status', status: 502 });
    const answer = await list();
    expect(answer.status).toBe(502);
    expect(answer.headers.get('content-type')).toMatch(/text\/html/);
  });

  it('happen to one request in so many, each fault by its own count, and all requests are counted', async () => {
    await faults(
      { api: 'any', kind: 'status', status: 503, every: 3 },
      { api: 'list', kind: 'status', status: 429, every: 2, times: 1 },
    );
    const statuses: number[] = [];
    for (let asked = 0; asked < 6; asked += 1) statuses.push((await list()).status);
    expect(statuses).toEqual([200, 429, 503, 200, 200, 503]);
    expect((await exchange.operator('GET', '/exchange/requests')).body).toEqual({ exotel: { list: 6 }, twilio: {} });
  });

  it('make an answer slow', async () => {
    await faults({ api: 'list', kind: 'slow', ms: 150 });
    const started = Date.now();
    expect((await list()).status).toBe(200);
    expect(Date.now() - started).toBeGreaterThanOrEqual(145);
  });

  it('cut the connection before a number is bought', async () => {
    await faults({ api: 'buy', kind: 'cut' });
    await expect(buy('+918040000001')).rejects.toThrow();
    expect(await owned()).toBe(1);
  });

  it('buy the number and never say so', async () => {
    await faults({ api: 'buy', kind: 'hang-after-doing', times: 1 });
    await expect(buy('+918040000001')).rejects.toThrow();
    expect(await owned()).toBe(2);
    expect((await buy('+918040000001')).status).toBe(400);
  });

  it('are silent for a while after the deed before they cut', async () => {
    await faults({ api: 'release', kind: 'hang-after-doing', ms: 150 });
    const started = Date.now();
    await expect(exchange.exophones('DELETE', 'IncomingPhoneNumbers/08040000500')).rejects.toThrow();
    expect(Date.now() - started).toBeGreaterThanOrEqual(145);
    expect(await owned()).toBe(0);
  });

  it('empty the shelf, and lie about what is owned and what was called', async () => {
    await faults({ api: 'search', kind: 'empty' }, { api: 'list', kind: 'empty' }, { api: 'calls', kind: 'empty' });
    expect((await search()).body).toEqual([]);
    expect((await list()).body).toEqual({ page: 0, page_size: 50, incoming_phone_numbers: [] });
    expect((await exchange.voice('GET', 'Calls.json')).body.Calls).toEqual([]);
  });

  it('let somebody else be quicker', async () => {
    await faults({ api: 'buy', kind: 'refuse', times: 1 });
    expect(await buy('+918040000001')).toMatchObject({
      status: 400,
      body: { RestException: { Message: '+918040000001 is no longer available' } },
    });
    expect((await search()).body[0].phone_number).toBe('+918040000002');
    expect((await buy('+918040000001')).status).toBe(400);
    expect((await buy('+918040000002')).status).toBe(200);
  });

  it('limit the rate', async () => {
    await faults({ api: 'any', kind: 'rate-limit', perMinute: 3 });
    const statuses = [];
    for (const ask of [list, search, list, search]) statuses.push((await ask()).status);
    expect(statuses).toEqual([200, 200, 200, 429]);
  });

  it('happen only to the API they name', async () => {
    const apis = { get: 'GET', configure: 'PUT', release: 'DELETE' };
    for (const [api, method] of Object.entries(apis)) {
      await faults({ api, kind: 'status', status: 503 });
      expect((await exchange.exophones(method, 'IncomingPhoneNumbers/08040000500')).status).toBe(503);
      expect((await list()).status).toBe(200);
    }
    await faults({ api: 'calls', kind: 'status', status: 503 });
    expect((await exchange.voice('GET', 'Calls/unknown.json')).status).toBe(503);
    await faults({ api: 'connect', kind: 'status', status: 503 });
    expect((await exchange.voice('POST', 'Calls/connect.json', {})).status).toBe(503);
  });

  it('wear off after their times, and the rest stays until it is lifted', async () => {
    const set = await faults(
      { api: 'list', kind: 'status', status: 500, times: 2 },
      { api: 'search', kind: 'slow', ms: 1 },
    );
    expect(set.body).toEqual([
      { api: 'list', kind: 'status', status: 500, retryAfter: 30, times: 2 },
      { api: 'search', kind: 'slow', ms: 1 },
    ]);
    const statuses = [(await list()).status, (await list()).status, (await list()).status];
    expect(statuses).toEqual([500, 500, 200]);
    await search();
    expect((await exchange.operator('GET', '/exchange/faults')).body).toEqual([{ api: 'search', kind: 'slow', ms: 1 }]);
    expect((await exchange.operator('DELETE', '/exchange/faults')).body).toEqual([]);
  });

  it('wait their turn: the second happens when the first has worn off', async () => {
    await faults(
      { api: 'list', kind: 'status', status: 500, times: 1 },
      { api: 'list', kind: 'status', status: 503, times: 1 },
    );
    const statuses = [(await list()).status, (await list()).status, (await list()).status];
    expect(statuses).toEqual([500, 503, 200]);
  });

  it('spare who has no key: that is refused first, and counts nothing', async () => {
    await faults({ api: 'list', kind: 'status', status: 500, times: 1 });
    expect((await send(`${exchange.url}/v2_beta/Accounts/acme1/IncomingPhoneNumbers`, {})).status).toBe(401);
    expect((await list()).status).toBe(500);
  });

  it.each([
    [{}, /must be a list/],
    [[{ api: 'letters', kind: 'cut' }], /"api" must be one of/],
    [[{ api: 'buy', kind: 'fire' }], /"kind" must be one of/],
    [[{ api: 'buy', kind: 'slow' }], /"ms" must be a whole number/],
    [[{ api: 'buy', kind: 'status', status: 418 }], /"status" must be one of/],
    [[{ api: 'buy', kind: 'cut', times: 0 }], /"times"/],
    [[{ api: 'buy', kind: 'empty' }], /not to buy/],
    [[{ api: 'list', kind: 'refuse' }], /not to list/],
    [['cut'], /Fault 1 must be a JSON object/],
    [[{ api: 'buy', kind: 'cut', colour: 'red' }], /unknown field/],
  ])('%j is refused with the reason', async (body, reason) => {
    const answer = await exchange.operator('PUT', '/exchange/faults', body);
    expect(answer.status).toBe(400);
    expect(answer.body.error).toMatch(reason);
  });
});
