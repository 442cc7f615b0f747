import fc from 'fast-check';

import { readConnectReply } from '../../../exchange/exotel/connect-reply.js';
import { readGatherReply } from '../../../exchange/exotel/gather-reply.js';
import { HOOK_SECRET } from '../../support/app.js';
import { exotelRequests, type ExotelRequest } from './exotel-requests.js';
import { SmallWorld } from './small-world.js';

/**
 * Asks Exotel's callbacks whatever somebody might, over HTTP, on a real database, and compares what comes with the book of
 * a small world that stays as it is. FUZZ_CASES says how often, FUZZ_SEED (and FUZZ_PATH) repeat a run (npm run fuzz).
 */
const { FUZZ_CASES, FUZZ_SEED, FUZZ_PATH } = process.env;
const CASES = Number(FUZZ_CASES ?? 2_000);
/** Asked at once: one waits for the database while another has the processor. */
const AT_ONCE = 20;

let world: SmallWorld;
beforeAll(async () => {
  world = await SmallWorld.begin('exotel');
}, 120_000);
afterAll(() => world?.end());

/** What Exotel tells in forms, or by GET; the answer says nothing. */
const REPORTS = ['sms', 'sms-status', 'call-status'];

interface Answer {
  readonly status: number;
  readonly headers: Record<string, string>;
  readonly body: string;
}

const tally = new Map<string, number>();
const count = (what: string) => tally.set(what, (tally.get(what) ?? 0) + 1);

it(
  'whatever is asked, nothing breaks, nobody is rung who must not be, and no refusal tells a number',
  async () => {
    const seed = FUZZ_SEED ? Number(FUZZ_SEED) : Date.now() % 0x7fffffff;
    const requests = fc.array(exotelRequests(world), { minLength: AT_ONCE, maxLength: AT_ONCE });
    const began = performance.now();
    await fc.assert(
      fc.asyncProperty(requests, async (some) => {
        await Promise.all(some.map(async (one) => judge(one, await ask(one))));
      }),
      { seed, path: FUZZ_PATH, numRuns: Math.ceil(CASES / AT_ONCE), endOnFailure: false },
    );
    const seconds = ((performance.now() - began) / 1000).toFixed(1);
    const kinds = [...tally].map(([what, times]) => `${what} ${times}`).join(', ');
    process.stdout.write(
      `${Math.ceil(CASES / AT_ONCE) * AT_ONCE} requests in ${seconds} s from seed ${seed}: ${kinds}\n`,
    );
    // A world in which nobody is ever reached would prove nothing.
    expect(tally.get('connected')).toBeGreaterThan(CASES / 50);
    expect(tally.get('refused')).toBeGreaterThan(CASES / 50);
    expect(await world.maskline.count('interactions', `decision = 'connect'`)).toBeGreaterThan(0);
  },
  120_000 + CASES * 30,
);

it('asks nothing of anybody who does not know the secret', async () => {
  await fc.assert(
    fc.asyncProperty(exotelRequests(world), fc.stringMatching(/^[\w-]{0,40}$/), async (one, secret) => {
      const { status, body } = await ask(one, secret || 'x');
      expect(status).toBe(404);
      world.expectNoPhoneIn(body);
    }),
    { numRuns: 200 },
  );
});

async function ask({ method, path, query }: ExotelRequest, secret = HOOK_SECRET): Promise<Answer> {
  const url = `/hooks/exotel/${secret}/${path}`;
  const form = { url, headers: { 'content-type': 'application/x-www-form-urlencoded' }, payload: query };
  const { statusCode, headers, payload } = await world.maskline.app.inject({
    method,
    ...(REPORTS.includes(path) && method === 'POST' ? form : { url: `${url}?${query}` }),
  });
  return { status: statusCode, headers: headers as Record<string, string>, body: payload };
}

function judge(request: ExotelRequest, answer: Answer): void {
  expect(answer.status).toBeLessThan(500);
  if (REPORTS.includes(request.path)) return world.expectNoPhoneIn(answer.body);
  if (request.method === 'POST' || request.method === 'PUT') return expect(answer.status).toBe(404);
  expect(answer.status).toBe(200);
  if (request.method === 'HEAD') return expect(answer.body).toBe('');
  if (request.path.startsWith('connect')) return judgeConnect(request, answer);
  world.expectNoPhoneIn(answer.body);
  if (request.path === 'gather') return void readGatherReply(answer);
  if (request.path.startsWith('passthru')) return expect(answer.body).toBe('');
  expect(answer.headers['content-type']).toBe('text/plain');
  if (request.path === 'reason') expect(answer.body).toMatch(/^\{"select":"[a-z_]+"\}$/);
  else expect(answer.body).not.toBe('');
}

function judgeConnect(request: ExotelRequest, answer: Answer): void {
  const reply = readConnectReply(answer, 'IN', (number) => world.numbers.includes(number));
  const [rings, ...more] = reply.numbers;
  expect(more).toEqual([]);
  if (rings === undefined) {
    expect(JSON.parse(answer.body)).toEqual({ fetch_after_attempt: false, destination: { numbers: [] } });
    world.expectNoPhoneIn(answer.body);
    count('refused');
    if (request.meant) expect(mustReach(request)).toBeUndefined();
    return;
  }
  count(request.meant ? 'connected' : 'connected although a little off');
  const forbidden = !mayReach(request).some((may) => may.rings === rings && may.shows === reply.shown);
  if (forbidden) throw new Error(`${request.path}?${request.query} must not ring ${rings} showing ${reply.shown}`);
}

/** Whom a request that is quite right must reach: without a PIN, as the answer to one may be that too many were tried. */
function mustReach({ meant, query }: ExotelRequest) {
  expect(new URLSearchParams(query).get('To')).not.toBeNull();
  return world.reached(meant!.dialled, meant!.caller);
}

/**
 * Everybody whom somebody named in the request may reach by a number named in it, read as kindly as can be: whose last ten
 * digits are there at all. Who is not even among these must never be rung.
 */
function mayReach({ path, query }: ExotelRequest) {
  const asked = new URLSearchParams(query);
  const said = (...names: string[]) =>
    names.flatMap((name) => asked.getAll(name)).map((text) => text.replace(/\D/g, ''));
  const names = (texts: string[], number: string) => texts.some((text) => text.endsWith(number.slice(3)));
  const isWrong = (name: string, right: string) =>
    asked
      .getAll(name)
      .slice(0, 1)
      .some((value) => value !== '' && value !== right);
  if (isWrong('flow_id', '700001') || isWrong('tenant_id', '90001')) return [];
  const dialled = world.numbers.filter((number) => names(said('To', 'CallTo'), number));
  const callers = world.phones.filter((phone) => names(said('From', 'CallFrom'), phone));
  const keyed = path.startsWith('connect-pin') ? world.pins.filter((pin) => said('digits').includes(pin)) : [];
  return dialled.flatMap((number) => [
    ...callers.flatMap((phone) => world.reached(number, phone) ?? []),
    ...keyed.flatMap((pin) => world.reachedByPin(number, pin) ?? []),
  ]);
}
