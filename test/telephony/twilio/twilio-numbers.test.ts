import { startExchange, type RunningExchange } from '../../../exchange/exchange.js';
import type { E164 } from '../../../src/phone-number/e164.js';
import { ProviderRefused, ProviderUnavailable } from '../../../src/telephony/providers/provider-errors.js';
import type { TwilioConfig } from '../../../src/telephony/twilio/twilio-config.js';
import { failureOf } from '../../../src/telephony/twilio/twilio-errors.js';
import { TwilioNumbers } from '../../../src/telephony/twilio/twilio-numbers.js';

const ACCOUNT = { sid: `AC${'1'.repeat(32)}`, authToken: 'the token' };
const PUBLIC = 'https://mask.example';
const US = { country: 'US', region: null };

let exchange: RunningExchange;
let numbers: TwilioNumbers;
beforeEach(async () => {
  exchange = await startExchange({
    port: 0,
    account: { sid: 'acme1', apiKey: 'key', apiToken: 'token' },
    twilio: ACCOUNT,
    flow: { id: '1', hooks: `${PUBLIC}/hooks` },
  });
  numbers = atTwilio();
});
afterEach(() => exchange.close());

function atTwilio(account: Partial<typeof ACCOUNT> = {}): TwilioNumbers {
  const config: TwilioConfig = {
    account: { ...ACCOUNT, ...account, apiBase: exchange.url, recordingUrls: [] },
    signingTokens: [],
    publicBaseUrl: PUBLIC,
    whisper: null,
  };
  return new TwilioNumbers(config, { timeoutMs: 1_000, backoffMs: 10 });
}

const faults = async (...list: object[]) => {
  const answer = await fetch(`${exchange.url}/exchange/faults`, {
    method: 'PUT',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(list),
  });
  if (!answer.ok) throw new Error(await answer.text());
};

const asTheAccount = (path: string, form: Record<string, string>) =>
  fetch(`${exchange.url}/2010-04-01/Accounts/${ACCOUNT.sid}/${path}`, {
    method: 'POST',
    headers: { authorization: `Basic ${Buffer.from(`${ACCOUNT.sid}:${ACCOUNT.authToken}`).toString('base64')}` },
    body: new URLSearchParams(form),
  });

const offered = async () => (await numbers.search(US)).map(({ number }) => number);
const bought = async () => numbers.buy((await offered())[0]!);

describe('numbers of Twilio', () => {
  it('are searched by country, kind, and whether they take texts, and none are where none are sold', async () => {
    expect((await offered())[0]).toMatch(/^\+1415/);
    expect((await numbers.search({ ...US, type: 'mobile' }))[0]!.number).toMatch(/^\+1628/);
    expect((await numbers.search({ ...US, region: 'CA', texts: true }))[0]!.number).toMatch(/^\+1/);
    expect(await numbers.search({ country: 'IN', region: null })).toEqual([]);
  });

  it('are pointed at us when bought, listed page by page, and gone when given back', async () => {
    for (const number of (await offered()).slice(0, 3)) await numbers.buy(number);
    const listed = await numbers.list();
    expect(listed).toHaveLength(3);
    expect(listed[0]).toMatchObject({ country: 'US', region: null, providerId: expect.stringMatching(/^PN/) });
    expect(await numbers.flowOf(listed[0]!.providerId)).toBe('ours');
    await numbers.release(listed[0]!.providerId);
    await numbers.release(listed[0]!.providerId);
    expect(await numbers.list()).toHaveLength(2);
    await expect(numbers.flowOf(listed[0]!.providerId)).rejects.toMatchObject({ status: 404 });
  });

  it.each<[string, Record<string, string>, string]>([
    ['nothing', { VoiceUrl: '' }, 'none'],
    ['Twilio’s demo', { VoiceUrl: 'https://demo.twilio.com/welcome/voice/' }, 'none'],
    ['somebody else', { VoiceUrl: 'https://other.example/voice' }, 'other'],
    ['an application', { VoiceApplicationSid: `AP${'0'.repeat(32)}` }, 'other'],
    ['a trunk', { TrunkSid: `TK${'0'.repeat(32)}` }, 'other'],
  ])('that lead to %s are told apart', async (_, setting, flow) => {
    const { providerId } = await bought();
    await asTheAccount(`IncomingPhoneNumbers/${providerId}.json`, setting);
    expect(await numbers.flowOf(providerId)).toBe(flow);
    expect(await numbers.configure(providerId)).toBe('VoiceUrl' in setting ? 'ours' : 'other');
  });

  it('are bought once, however the answer fails', async () => {
    const [number] = await offered();
    await faults({ api: 'buy', provider: 'twilio', kind: 'hang-after-doing', ms: 0, times: 1 });
    await expect(numbers.buy(number!)).rejects.toBeInstanceOf(ProviderUnavailable);
    expect(await numbers.list()).toMatchObject([{ number }]);
  });

  it('are left to the next candidate when somebody else was quicker', async () => {
    const [number] = await offered();
    await faults({ api: 'buy', kind: 'refuse', times: 1 });
    await expect(numbers.buy(number!)).rejects.toMatchObject({
      status: 400,
      message: expect.stringContaining('21422'),
    });
    expect(await offered()).not.toContain(number);
  });

  it.each([21613, 21631, 21649])('wait for the operator where Twilio says %d', async (code) => {
    const [number] = await offered();
    await faults({ api: 'buy', kind: 'refuse', code, times: 1 });
    const failure = await numbers.buy(number!).catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(ProviderRefused);
    expect(failure).toMatchObject({ status: 403, message: expect.stringMatching(`${code}.*in the console`) });
  });

  it('are asked for again after 20429, and then given up until later', async () => {
    await faults({ api: 'list', kind: 'status', status: 429, times: 2 });
    expect(await numbers.list()).toEqual([]);
    await faults({ api: 'list', kind: 'status', status: 429 });
    const failure = await numbers.list().catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(ProviderUnavailable);
    expect((failure as Error).message).toContain('20429');
  });

  it.each([
    ['is broken', { api: 'list', kind: 'status', status: 500 }],
    ['is a gateway that speaks no JSON', { api: 'list', kind: 'status', status: 502 }],
    ['is cut off', { api: 'list', kind: 'cut' }],
    ['is silent', { api: 'list', kind: 'slow', ms: 3_000 }],
  ])('are unavailable from an API that %s', async (_, fault) => {
    await faults(fault);
    await expect(numbers.list()).rejects.toBeInstanceOf(ProviderUnavailable);
  });

  it('are refused to a wrong token, with advice', async () => {
    const failure = await atTwilio({ authToken: 'wrong' })
      .list()
      .catch((error: unknown) => error);
    expect(failure).toMatchObject({ status: 401, message: expect.stringContaining('TWILIO_AUTH_TOKEN is wrong') });
  });

  it('have ids, and what is none never gets into a path', async () => {
    for (const id of ['', '..', 'PN1/../Calls'])
      await expect(numbers.flowOf(id)).rejects.toBeInstanceOf(ProviderRefused);
  });

  it('are never those of the other provider', async () => {
    const [number] = await offered();
    await numbers.buy(number as E164);
    const url = `${exchange.url}/v2_beta/Accounts/acme1/AvailablePhoneNumbers/US/Landline`;
    const headers = { authorization: `Basic ${Buffer.from('key:token').toString('base64')}` };
    const shelf = (await (await fetch(url, { headers })).json()) as { phone_number: string }[];
    expect(shelf.map(({ phone_number }) => phone_number)).not.toContain(number);
  });
});

describe('a reason that nobody has met', () => {
  it.each([
    [{ status: 400, code: 99999, message: 'New.' }, ProviderRefused],
    [{ status: 503 }, ProviderUnavailable],
    [{ code: 'ECONNABORTED' }, ProviderUnavailable],
    [new SyntaxError('no JSON'), ProviderUnavailable],
  ])('is taken by its status: %j', (error, kind) => {
    expect(failureOf('the list', error, 1_000)).toBeInstanceOf(kind);
  });
});
