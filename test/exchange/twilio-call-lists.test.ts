import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';

import { anExchange, send, type AtTheExchange, type Body } from './at-the-exchange.js';

const TWILIO = { sid: `AC${'2'.repeat(32)}`, authToken: 'the token' };
const PHONE = '+14155550101';

let exchange: AtTheExchange;
let ours: string;
beforeEach(async () => {
  exchange = await anExchange('http://127.0.0.1:9/hooks/exotel/secret', { twilio: TWILIO });
  const { available_phone_numbers: offered } = (await rest('GET', 'AvailablePhoneNumbers/US/Local.json')).body;
  ours = offered[0].phone_number;
  await rest('POST', 'IncomingPhoneNumbers.json', { PhoneNumber: ours });
});
afterEach(() => exchange.close());

const rest = (method: string, path: string, form?: Record<string, string>) =>
  send(`${exchange.url}/2010-04-01/Accounts/${TWILIO.sid}/${path}`, {
    method,
    headers: { authorization: `Basic ${Buffer.from(`${TWILIO.sid}:${TWILIO.authToken}`).toString('base64')}` },
    ...(form ? { body: new URLSearchParams(form) } : {}),
  });
const order = async (more: Record<string, string> = {}): Promise<Body> =>
  (await rest('POST', 'Calls.json', { From: ours, To: PHONE, Twiml: '<Response><Hangup/></Response>', ...more })).body;
const list = (query: Record<string, string>) => rest('GET', `Calls.json?${new URLSearchParams(query)}`);
const sids = async (query: Record<string, string>) => (await list(query)).body.calls.map(({ sid }: Body) => sid);

/** A call that is over. */
async function aCall(): Promise<{ sid: string; began: string }> {
  const { sid } = await order();
  for (let tries = 0; tries < 100; tries += 1) {
    const { status, start_time: began } = (await rest('GET', `Calls/${sid}.json`)).body;
    if (status === 'completed') return { sid, began: new Date(began).toISOString().replace('.000', '') };
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  throw new Error(`call ${sid} never ended`);
}
const plus = (instant: string, ms: number) => new Date(Date.parse(instant) + ms).toISOString();

describe('the list of Twilio’s calls, by when they started,', () => {
  it('holds the very second in which a call began, from either side', async () => {
    const { sid, began } = await aCall();
    for (const query of [
      { 'StartTime>': began },
      { 'StartTime<': began },
      { 'StartTime>': began, 'StartTime<': began },
      { 'StartTime>': plus(began, -1_000), 'StartTime<': plus(began, 1_000) },
    ] as Record<string, string>[]) {
      expect([query, await sids(query)]).toEqual([query, [sid]]);
    }
  });

  it('holds none that began before or after', async () => {
    const { began } = await aCall();
    expect(await sids({ 'StartTime>': plus(began, 1_000) })).toEqual([]);
    expect(await sids({ 'StartTime<': plus(began, -1_000) })).toEqual([]);
    expect(await sids({ 'StartTime>': plus(began, 1_000), 'StartTime<': plus(began, -1_000) })).toEqual([]);
  });

  it('keeps to days of GMT, which begin at midnight', async () => {
    const { sid, began } = await aCall();
    const day = (offset: number) => plus(began, offset * 86_400_000).slice(0, 10);
    expect(await sids({ StartTime: day(0) })).toEqual([sid]);
    expect([await sids({ StartTime: day(-1) }), await sids({ StartTime: day(1) })]).toEqual([[], []]);
    expect([await sids({ 'StartTime>': day(0) }), await sids({ 'StartTime>': day(1) })]).toEqual([[sid], []]);
    expect([await sids({ 'StartTime<': day(0) }), await sids({ 'StartTime<': day(1) })]).toEqual([[], [sid]]);
  });

  it('goes together with the other filters, on every page', async () => {
    const made = [await aCall(), await aCall(), await aCall()];
    const query = { 'StartTime>': plus(made[0]!.began, -1_000), To: PHONE, PageSize: '2' };
    const first = (await list(query)).body;
    expect(first.calls.map(({ sid }: Body) => sid)).toEqual([made[2]!.sid, made[1]!.sid]);
    const next = await rest('GET', first.next_page_uri.replace(`/2010-04-01/Accounts/${TWILIO.sid}/`, ''));
    expect([next.body.calls.map(({ sid }: Body) => sid), next.body.next_page_uri]).toEqual([[made[0]!.sid], null]);
    expect(await sids({ ...query, To: '+14155550199' })).toEqual([]);
  });

  it('holds no call that is still queued, which a list without times does', async () => {
    const silent: Server = createServer(() => undefined);
    await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve));
    const StatusCallback = `http://127.0.0.1:${(silent.address() as AddressInfo).port}/`;
    const { sid, status } = await order({ StatusCallback, StatusCallbackEvent: 'initiated' });
    expect(status).toBe('queued');
    expect(await sids({})).toEqual([sid]);
    expect(await sids({ 'StartTime>': '2020-01-01' })).toEqual([]);
    silent.closeAllConnections();
    silent.close();
  });

  it.each([
    ...['yesterday', '', '2026-11-22 06:00:00', '2026-11-22T06:00:00', '2026-11-22T06:00:00+05:30', '22-11-2026'],
    ...['2026-13-01', '2026-02-30', '2026-11-22T25:00:00Z', '2026-11-22T24:00:00Z', '1763791200'],
  ])('takes no "%s" for a time', async (text) => {
    await aCall();
    for (const name of ['StartTime', 'StartTime>', 'StartTime<']) {
      const { status, body } = await list({ [name]: text });
      expect([status, body.code, body.message]).toEqual([
        400,
        20001,
        expect.stringMatching(/^StartTime must be a date/),
      ]);
    }
  });
});
