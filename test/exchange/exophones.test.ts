import { ACCOUNT, anExchange, send, VOICE_URL, type AtTheExchange, type Body } from './at-the-exchange.js';

let exchange: AtTheExchange;
beforeEach(async () => {
  exchange = await anExchange('http://127.0.0.1:9/hooks/exotel/s');
});
afterEach(() => exchange.close());

async function shelf(path: string): Promise<Body[]> {
  return (await exchange.exophones('GET', `AvailablePhoneNumbers/${path}`)).body;
}
const buy = (number: string, more: Record<string, string> = {}) =>
  exchange.exophones('POST', 'IncomingPhoneNumbers', { PhoneNumber: number, ...more });

describe('who may use the APIs', () => {
  it('refuses a wrong key in the provider’s words', async () => {
    const url = `${exchange.url}/v2_beta/Accounts/${ACCOUNT.sid}/IncomingPhoneNumbers`;
    const wrong = await send(url, {
      headers: { authorization: `Basic ${Buffer.from('key:wrong').toString('base64')}` },
    });
    const none = await send(url, {});
    for (const answer of [wrong, none]) {
      expect(answer.status).toBe(401);
      expect(answer.body).toEqual({ RestException: { Status: 401, Message: 'Authentication failed' } });
    }
  });

  it('does not know another account', async () => {
    const authorization = `Basic ${Buffer.from('key:token').toString('base64')}`;
    const answer = await send(`${exchange.url}/v2_beta/Accounts/other/IncomingPhoneNumbers`, {
      headers: { authorization },
    });
    expect(answer.status).toBe(404);
    expect(answer.body.RestException.Status).toBe(404);
  });

  it('refuses a body that is no form', async () => {
    const answer = await send(`${exchange.url}/v2_beta/Accounts/${ACCOUNT.sid}/IncomingPhoneNumbers`, {
      method: 'POST',
      headers: {
        authorization: `Basic ${Buffer.from('key:token').toString('base64')}`,
        'content-type': 'application/json',
      },
      body: '{"PhoneNumber":"+918040000001"}',
    });
    expect(answer.status).toBe(400);
    expect(answer.body.RestException.Status).toBe(400);
  });
});

describe('the shelf', () => {
  it('shows numbers of the circle that was asked for', async () => {
    const [first] = await shelf('IN/Landline?InRegion=DL');
    expect(first).toEqual({
      friendly_name: '01140000001',
      phone_number: '+911140000001',
      capabilities: { sms: false, voice: true },
      country: 'IN',
      region: 'DL',
      number_type: 'Landline',
      rental_price: '499.000000',
    });
  });

  it('shows Karnataka when no circle is named, and the same numbers every time', async () => {
    const numbers = await shelf('IN/Landline');
    expect(numbers.length).toBeGreaterThanOrEqual(20);
    expect(numbers[0].region).toBe('KA');
    expect(await shelf('IN/Landline')).toEqual(numbers);
  });

  it('keeps to digits a number must contain', async () => {
    const numbers = await shelf('IN/Mobile?InRegion=KA&Contains=786');
    expect(numbers.length).toBeGreaterThan(0);
    expect(numbers.every(({ phone_number }) => phone_number.includes('786'))).toBe(true);
  });

  it('has no landline that takes texts', async () => {
    expect(await shelf('IN/Landline?IncomingSMS=true')).toEqual([]);
    expect((await shelf('IN/Mobile?IncomingSMS=true')).length).toBeGreaterThan(0);
  });

  it.each([
    'US/Landline',
    'US/Mobile',
    'US/TollFree',
    'GB/Landline',
    'GB/Mobile',
    'SG/Landline',
    'AE/Mobile',
    'BR/Mobile',
  ])('sells numbers of %s that can be bought', async (path) => {
    const numbers = await shelf(path);
    expect(numbers.length).toBeGreaterThanOrEqual(20);
    const bought = await buy(numbers[0].phone_number);
    expect(bought.status).toBe(200);
    expect(bought.body.sid).toMatch(/^[0-9a-f]{32}$/);
  });

  it('sells landlines in every telecom circle', async () => {
    for (const circle of 'AP AS BR DL GJ HP HR JK KA KL KO MH MP MU NE OR PB RJ TN UE UW WB'.split(' ')) {
      for (const type of ['Landline', 'Mobile', 'TollFree']) {
        const numbers = await shelf(`IN/${type}?InRegion=${circle}`);
        expect([circle, type, numbers.length >= 20, numbers[0]?.region]).toEqual([circle, type, true, circle]);
      }
    }
  });

  it('names a country, a type or a circle it does not have', async () => {
    const statuses = ['XX/Landline', 'IN/Satellite', 'IN/Landline?InRegion=ZZ'].map(
      async (path) => (await exchange.exophones('GET', `AvailablePhoneNumbers/${path}`)).status,
    );
    expect(await Promise.all(statuses)).toEqual([404, 400, 400]);
  });
});

describe('buying', () => {
  it('gives a number, takes it off the shelf and counts the rent', async () => {
    const [wanted] = await shelf('IN/Landline?InRegion=KA');
    const bought = await buy(wanted.phone_number, { FriendlyName: 'mask-1', VoiceUrl: VOICE_URL });
    expect(bought.status).toBe(200);
    expect(bought.body).toEqual({
      sid: '08040000001',
      phone_number: '+918040000001',
      friendly_name: 'mask-1',
      capabilities: { voice: true, sms: false },
      country: 'IN',
      rental_price: '499.000000',
      currency: 'INR',
    });
    expect((await shelf('IN/Landline?InRegion=KA'))[0].phone_number).toBe('+918040000002');
    expect((await exchange.operator('GET', '/exchange/numbers')).body).toMatchObject({
      numbers: [{ phone_number: '+918040000001', voice_url: VOICE_URL, region: 'KA' }],
      spent: { INR: 499 },
    });
  });

  it('lets exactly one of twenty buyers of a number win', async () => {
    const answers = await Promise.all(Array.from({ length: 20 }, () => buy('+918040000007')));
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(1);
    expect(answers.filter(({ status }) => status === 400)).toHaveLength(19);
    expect((await exchange.operator('GET', '/exchange/numbers')).body.spent).toEqual({ INR: 499 });
  });

  it('tells a number that was never on the shelf from one that is taken', async () => {
    await buy('+918040000001');
    expect(await buy('+918040000001')).toMatchObject({
      status: 400,
      body: { RestException: { Status: 400, Message: '+918040000001 is no longer available' } },
    });
    expect((await buy('+919000000001')).status).toBe(404);
    expect((await buy('08040000002')).status).toBe(400);
    expect((await exchange.exophones('POST', 'IncomingPhoneNumbers', {})).body.RestException.Message).toMatch(
      /PhoneNumber/,
    );
  });

  it('remembers in which region a number abroad was offered', async () => {
    const [offered] = await shelf('US/Landline?InRegion=CA');
    const { body } = await buy(offered.phone_number);
    expect((await exchange.exophones('GET', `IncomingPhoneNumbers/${body.sid}`)).body.region).toBe('CA');
  });
});

describe('what is owned', () => {
  it('comes in pages, without saying where the numbers point', async () => {
    const all = (await shelf('IN/Landline')).map(({ phone_number }) => phone_number as string).slice(0, 5);
    for (const number of all) await buy(number, { VoiceUrl: VOICE_URL });
    const page = (query: string) => exchange.exophones('GET', `IncomingPhoneNumbers${query}`);
    const whole = await page('');
    expect(whole.body).toMatchObject({ page: 0, page_size: 50 });
    expect(whole.body.incoming_phone_numbers[0]).toEqual({
      sid: '08040000001',
      phone_number: '+918040000001',
      friendly_name: '08040000001',
      capabilities: { voice: true, sms: false },
      country: 'IN',
      region: 'KA',
    });
    const pages = await Promise.all([0, 1, 2, 3].map((n) => page(`?Page=${n}&PageSize=2`)));
    expect(pages.map(({ body }) => body.incoming_phone_numbers.length)).toEqual([2, 2, 1, 0]);
    const listed = pages.flatMap(({ body }) => body.incoming_phone_numbers.map((one: Body) => one.phone_number));
    expect(listed).toEqual(all);
  });

  it('can be pointed at a flow and asked one by one', async () => {
    await buy('+918040000001');
    const put = await exchange.exophones('PUT', 'IncomingPhoneNumbers/08040000001', { VoiceUrl: VOICE_URL });
    expect(put.body).toEqual({
      sid: '08040000001',
      phone_number: '+918040000001',
      friendly_name: '08040000001',
      voice_url: VOICE_URL,
      sms_url: null,
      capabilities: { voice: true, sms: false },
    });
    expect((await exchange.exophones('GET', 'IncomingPhoneNumbers/08040000001')).body).toMatchObject(put.body);
  });

  it('is released for good', async () => {
    await buy('+918040000001');
    const released = await exchange.exophones('DELETE', 'IncomingPhoneNumbers/08040000001');
    expect(released).toMatchObject({ status: 202, body: { Status: 202, Message: 'Accepted' } });
    expect((await buy('+918040000001')).status).toBe(400);
    for (const method of ['GET', 'PUT', 'DELETE']) {
      expect((await exchange.exophones(method, 'IncomingPhoneNumbers/08040000001')).status).toBe(404);
    }
  });
});
