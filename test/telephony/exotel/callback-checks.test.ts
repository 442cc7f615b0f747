import { randomBytes } from 'node:crypto';

import type { ExotelCallbackSettings } from '../../../src/telephony/exotel/exotel-config.js';
import { connectReply } from '../../../src/telephony/exotel/calls/connect-reply.js';
import { whyImplausible } from '../../../src/telephony/exotel/calls/plausibility.js';
import type { E164 } from '../../../src/phone-number/e164.js';
import { API_KEY, HOOK_SECRET, TestApp, type AppOptions } from '../../support/app.js';
import { ANY_CALLBACK } from '../../support/exotel-config.js';

const [CUSTOMER, AGENT, STRANGER] = ['+919000000001', '+919000000002', '+919000000009'];
const NUMBERS = ['+918000000101', '+918000000102'];

let maskline: TestApp;
let dials: string;
let shows: string;

const startWith = (callbacks: Partial<ExotelCallbackSettings>, more: AppOptions = {}) => {
  beforeAll(async () => {
    maskline = await TestApp.start({ callbacks, ...more });
    const pool = await maskline.pool({}, NUMBERS);
    const order = await maskline.order('order-1', CUSTOMER, AGENT, { pool });
    [dials, shows] = [order.customer.dials, order.agent.dials];
  });
  afterAll(() => maskline.stop());
};

const rung = async (more: Record<string, string> = {}): Promise<string[]> => {
  const { status, body } = await maskline.exotel('GET', 'connect', {
    CallSid: randomBytes(16).toString('hex'),
    From: CUSTOMER,
    CallFrom: CUSTOMER,
    To: dials,
    CallTo: dials,
    ...more,
  });
  expect(status).toBe(200);
  return body.destination.numbers;
};
const metric = async (line: RegExp): Promise<number> => {
  const { text } = await maskline.request('GET', '/metrics', { authorization: `Bearer ${API_KEY}` });
  return Number(line.exec(text)?.[1] ?? 0);
};
const refusedFor = (why: string) =>
  metric(new RegExp(`^maskline_callbacks_refused_total\\{provider="exotel",why="${why}"\\} (\\d+)$`, 'm'));

describe('a request that cannot be our flow’s', () => {
  startWith({ flowId: '700001', tenantId: '90001', timeZone: 'Asia/Kolkata' });

  it.each([
    ['of another flow', { flow_id: '700002' }, 'flow'],
    ['of another account', { tenant_id: '90002' }, 'tenant'],
    ['eleven minutes old', { CurrentTime: '2026-11-22 11:19:00' }, 'time'],
    ['eleven minutes ahead', { CurrentTime: '2026-11-22 11:41:00' }, 'time'],
    ['at no time', { CurrentTime: 'now' }, 'time'],
    ['on a day that is none', { CurrentTime: '2026-13-45 11:30:00' }, 'time'],
    ['without a call id', { CallSid: '../../x' }, 'call-id'],
  ] as const)('%s is refused, counted, and leaves no trace', async (_, said, why) => {
    const [calls, before] = [await maskline.count('interactions'), await refusedFor(why)];
    expect(await rung(said)).toEqual([]);
    expect(await refusedFor(why)).toBe(before + 1);
    expect(await maskline.count('interactions')).toBe(calls);
  });

  it('is not one that leaves these out, or has them right, as far as ten minutes away', async () => {
    expect(await rung()).toEqual([AGENT]);
    const named = { flow_id: '700001', tenant_id: '90001' };
    for (const CurrentTime of ['2026-11-22 11:20:00', '2026-11-22 11:30:02', '2026-11-22 11:40:00']) {
      expect(await rung({ ...named, CurrentTime })).toEqual([AGENT]);
    }
  });

  it('tells of a call for which To and CallTo name two numbers of ours, which To decides', async () => {
    const both = () => metric(/^maskline_callbacks_naming_two_numbers_total\{provider="exotel"\} (\d+)$/m);
    expect(await rung({ CallTo: '+918040990001' })).toEqual([AGENT]);
    expect(await rung({ CallTo: shows })).toEqual([AGENT]);
    while ((await both()) === 0) await new Promise((resolve) => setTimeout(resolve, 20));
    expect(await both()).toBe(1);
  });
});

it('reads times on the clock of the zone that is set, and not at all where none is', () => {
  const now = new Date('2026-11-22T06:00:00Z');
  const at = (CurrentTime: string, timeZone: string | null) =>
    whyImplausible({ CurrentTime }, { ...ANY_CALLBACK, timeZone }, now);
  expect(at('2026-11-22 14:00:00', 'Asia/Singapore')).toBeNull();
  expect(at('2026-11-22 11:30:00', 'Asia/Singapore')).toBe('time');
  expect(at('1999-01-01 00:00:00', null)).toBeNull();
});

describe('the networks that callbacks may come from', () => {
  startWith(
    { allowedCidrs: ['192.0.2.0/24', '2001:db8::/32', '198.51.100.7'] },
    { trustedProxies: ['10.0.0.0/8', '::1'] },
  );
  const from = async (remoteAddress: string, forwardedFor?: string, path = 'connect') => {
    const query = new URLSearchParams({ CallSid: 'c1', From: STRANGER, To: dials });
    const url = `/hooks/exotel/${HOOK_SECRET}/${path}?${query}`;
    const headers = forwardedFor === undefined ? {} : { 'x-forwarded-for': forwardedFor };
    return (await maskline.app.inject({ method: 'GET', url, remoteAddress, headers })).statusCode;
  };

  it.each(['192.0.2.9', '::ffff:192.0.2.9', '2001:db8::17', '198.51.100.7'])('include %s', async (address) => {
    expect(await from(address)).toBe(200);
    expect(await from(address, undefined, 'greeting')).toBe(200);
  });

  it.each(['192.0.3.9', '::ffff:192.0.3.9', '2001:db9::17', '198.51.100.8', '127.0.0.1'])(
    'do not include %s, for which nothing is here',
    async (address) => {
      const [calls, before] = [await maskline.count('interactions'), await refusedFor('network')];
      for (const path of ['connect', 'greeting', 'reason', 'passthru/answered']) {
        expect(await from(address, undefined, path)).toBe(404);
      }
      expect(await refusedFor('network')).toBe(before + 4);
      expect(await maskline.count('interactions')).toBe(calls);
    },
  );

  it('are looked up in what a trusted proxy reports, and in nothing that a sender says', async () => {
    expect(await from('10.1.2.3', '192.0.2.9')).toBe(200);
    expect(await from('10.1.2.3', '192.0.3.9')).toBe(404);
    expect(await from('10.1.2.3', '192.0.2.9, 203.0.113.5')).toBe(404);
    expect(await from('203.0.113.5', '192.0.2.9')).toBe(404);
    expect(await from('10.1.2.3', 'no address at all')).toBe(404);
  });

  it.each([
    ['192.0.2.9:51008', 200],
    ['192.0.3.9:51008', 404],
    ['[2001:db8::17]:51008', 200],
    ['[2001:db8::17]', 200],
    ['"[2001:db8::17]:51008"', 200],
    ['2001:db8::17', 200],
    ['[2001:db9::17]:51008', 404],
    ['203.0.113.5:1, 192.0.2.9:51008', 200],
    ['192.0.2.9:51008, 203.0.113.5:443', 404],
    ['192.0.2.9:51008, 10.9.9.9:443', 200],
    ['192.0.2.9:51008,[::1]:443', 200],
    ['192.0.2.9:port', 404],
  ])('are looked up in an address that a proxy wrote as %s', async (forwarded, status) => {
    expect(await from('10.1.2.3', forwarded)).toBe(status);
    expect(await from('203.0.113.5', forwarded)).toBe(404);
  });
});

it.each([
  ['e164', '+918000000101'],
  ['national', '08000000101'],
  ['omit', undefined],
] as const)('the number to show is written as set: %s', (form, written) => {
  const [callee, shownNumber] = [AGENT, NUMBERS[0]] as [E164, E164];
  const how = { ringSeconds: 45, talkSeconds: 3_600, record: false };
  const reply = connectReply({ decision: 'connect', reason: 'CONNECTED', callee, shownNumber, ...how }, form);
  expect(reply).toMatchObject({ destination: { numbers: [AGENT] }, record: false });
  expect(reply.outgoing_phone_number).toBe(written);
});
