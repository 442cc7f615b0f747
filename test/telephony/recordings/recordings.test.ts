import { randomBytes } from 'node:crypto';

import { recordingOf } from '../../../src/phone-number/sealed-place.js';
import { ExotelRecordings } from '../../../src/telephony/exotel/exotel-recordings.js';
import { InteractionsService } from '../../../src/telephony/interactions/interactions.service.js';
import type { RecordingSource } from '../../../src/telephony/providers/recording-source.js';
import { ReconcileService } from '../../../src/telephony/reconciliation/reconcile.service.js';
import { TwilioRecordings } from '../../../src/telephony/twilio/twilio-recordings.js';
import { API_KEY, TestApp, TWILIO, type Body } from '../../support/app.js';
import { anOrder, aCallId, problem, type OrderOfTwo } from '../calling.js';
import { PretendStore } from './pretend-store.js';

const logged: string[] = [];
let maskline: TestApp;
let store: PretendStore;
const pools: Record<string, string> = {};

beforeAll(async () => {
  store = await PretendStore.start();
  maskline = await TestApp.start({ logTo: (line) => logged.push(line), recordingUrls: [`${store.url}/kept/`] });
  const size = { lowWater: 4, target: 4, maxNumbers: 4, capacity: 50 };
  pools['exotel'] = await maskline.pool({ ...size, recordCalls: true });
  pools['exotel, not recording'] = await maskline.pool(size);
  pools['twilio'] = await maskline.pool({ ...size, country: 'US', provider: 'twilio', recordCalls: true });
  pools['twilio, not recording'] = await maskline.pool({ ...size, country: 'US', provider: 'twilio' });
  for (const pool of Object.values(pools)) await maskline.replenish(pool);
}, 60_000);
afterAll(async () => {
  await maskline?.stop();
  await store.stop();
});
beforeEach(() => maskline.dataSource.query('DELETE FROM interactions'));
afterEach(() => faults([]));

const faults = (list: object[]) =>
  fetch(`${maskline.exchange.url}/exchange/faults`, {
    method: 'PUT',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(list),
  });
const calls = async ({ reference }: OrderOfTwo): Promise<Body[]> =>
  (await maskline.api('GET', `/v1/orders/${reference}/interactions`)).body.interactions;
const path = ({ reference }: OrderOfTwo, { provider, providerCallId }: Body) =>
  `/v1/orders/${reference}/interactions/${provider}/${providerCallId}/recording`;
/** Over a real connection, as a client hears it. */
const listen = (order: OrderOfTwo, call: Body) =>
  fetch(`${maskline.url}${path(order, call)}`, { headers: { authorization: `Bearer ${API_KEY}` } });
const past = () => maskline.clock.push({ hours: 1, minutes: 16 });
const audited = async () => (await maskline.api('GET', '/v1/audit?limit=1')).body.entries[0];

describe.each(['exotel', 'twilio'])('a call at %s', (provider) => {
  it('that was recorded is played, by us, to whoever has the key, and the asking is written down', async () => {
    const order = await anOrder(maskline, { pool: pools[provider] });
    const transcript = await maskline.place({ from: order.customer, to: order.customerDials });
    expect(transcript.steps.filter((step: Body) => 'problem' in step)).toEqual([]);
    const [call] = await calls(order);
    expect(call).toMatchObject({ provider, outcome: 'completed', recorded: true });

    const response = await listen(order, call);
    expect([response.status, response.headers.get('content-type')]).toEqual([200, 'audio/mpeg']);
    expect(response.headers.get('cache-control')).toBe('no-store');
    expect(response.headers.get('content-disposition')).toBe('attachment');
    const audio = Buffer.from(await response.arrayBuffer());
    expect(audio.subarray(0, 2).toString('hex')).toBe('fffb');
    expect(response.headers.get('content-length')).toBe(String(audio.length));
    expect(await audited()).toMatchObject({
      what: 'interactions.recording',
      about: `${provider} ${call.providerCallId}`,
      phone: null,
    });

    const refused = await fetch(`${maskline.url}${path(order, call)}`);
    expect(refused.status).toBe(401);
  });

  it('tells nobody where its recording is: not the list, the log, or the rows', async () => {
    logged.length = 0;
    const order = await anOrder(maskline, { pool: pools[provider] });
    await maskline.place({ from: order.customer, to: order.customerDials });
    const list = JSON.stringify(await calls(order));
    await (await listen(order, (await calls(order))[0])).arrayBuffer();
    const [row] = await maskline.dataSource.query(
      'SELECT to_json(interactions) AS row, provider_call_id, recording FROM interactions',
    );
    for (const text of [list, logged.join(), JSON.stringify(row.row), row.recording.toString('latin1')]) {
      expect(text).not.toMatch(/http|[Rr]ecordings\//);
    }
    expect(maskline.vault.openText(row.recording, recordingOf(provider, row.provider_call_id))).toContain(
      maskline.exchange.url,
    );
  });

  it('that its pool does not have recorded keeps no link, whoever tells one', async () => {
    const order = await anOrder(maskline, { pool: pools[`${provider}, not recording`] });
    const { callSid } = await maskline.place({ from: order.customer, to: order.customerDials });
    const link =
      provider === 'exotel'
        ? `${maskline.exchange.url}/recordings/acme1/${callSid}.mp3`
        : `${maskline.exchange.url}/2010-04-01/Accounts/${TWILIO.sid}/Recordings/RE1`;
    logged.length = 0;
    await maskline
      .get(InteractionsService)
      .report(provider as 'exotel', callSid, { state: 'recorded', recordingUrl: link });
    const [call] = await calls(order);
    expect(call.recorded).toBe(false);
    expect(await maskline.count('interactions', 'recording IS NOT NULL')).toBe(0);
    expect(logged.join()).toContain('link to a recording not kept');
    const answer = await maskline.api('GET', path(order, call));
    expect(problem(answer)).toBe('404 /problems/no-recording');
  });

  it('that nobody answered has no recording', async () => {
    const order = await anOrder(maskline, { pool: pools[provider] });
    await maskline.place({ from: order.customer, to: order.customerDials, callee: 'busy' });
    const [call] = await calls(order);
    expect(call).toMatchObject({ outcome: 'busy', recorded: false });
    expect(problem(await maskline.api('GET', path(order, call)))).toBe('404 /problems/no-recording');
  });

  it('whose recording was never told is asked for it together with its end', async () => {
    const order = await anOrder(maskline, { pool: pools[provider] });
    await maskline.place({ from: order.customer, to: order.customerDials, skipPassthru: true });
    past();
    expect(await maskline.get(ReconcileService).askForEnds()).toMatchObject({ asked: 1, ended: 1 });
    const [call] = await calls(order);
    expect(call).toMatchObject({ outcome: 'completed', recorded: true });
    expect((await listen(order, call)).status).toBe(200);
  });

  it('whose end was told, and its recording not, is asked for that once', async () => {
    const order = await anOrder(maskline, { pool: pools[provider] });
    const { callSid } = await maskline.place({ from: order.customer, to: order.customerDials, skipPassthru: true });
    const end = { state: 'ended', outcome: 'completed', talkSeconds: 61 } as const;
    await maskline.get(InteractionsService).report(provider as 'exotel', callSid, end);
    expect((await calls(order))[0]).toMatchObject({ outcome: 'completed', recorded: false });
    past();
    expect(await maskline.get(ReconcileService).askForEnds()).toMatchObject({ asked: 1 });
    expect((await calls(order))[0]).toMatchObject({ recorded: true, genuine: true });
    past();
    expect(await maskline.get(ReconcileService).askForEnds()).toMatchObject({ asked: 0 });
  });

  it('whose end overtook the decision gets its recording too', async () => {
    const order = await anOrder(maskline, { pool: pools[provider] });
    const providerCallId = await placedWithEarlyEnd(order);
    expect((await calls(order))[0]).toMatchObject({ providerCallId, outcome: 'completed', recorded: false });
    past();
    await maskline.get(ReconcileService).askForEnds();
    expect((await calls(order))[0].recorded).toBe(true);
  });
  const placedWithEarlyEnd = async (order: OrderOfTwo): Promise<string> => {
    const sid = provider === 'exotel' ? aCallId() : `CA${aCallId()}`;
    const end = { state: 'ended', outcome: 'completed', talkSeconds: 61, recordingUrl: 'http://127.0.0.1/' } as const;
    await maskline.get(InteractionsService).report(provider as 'exotel', sid, end);
    await maskline.place({ from: order.customer, to: order.customerDials, callSid: sid, skipPassthru: true });
    return sid;
  };

  it('that we ordered is recorded and played as one that was dialled', async () => {
    const order = await anOrder(maskline, { pool: pools[provider] });
    const headers = { authorization: `Bearer ${API_KEY}`, 'idempotency-key': randomBytes(8).toString('hex') };
    await maskline.request('POST', `/v1/orders/${order.reference}/calls`, headers, { from: 'agent' });
    let call: Body;
    for (let tries = 0; tries < 100 && !call?.recorded; tries += 1) {
      await new Promise((resolve) => setTimeout(resolve, 30));
      [call] = await calls(order);
      if (call?.outcome === 'completed' && tries > 30) {
        past(); // the news overtook the answer to the order
        await maskline.get(ReconcileService).askForEnds();
      }
    }
    expect(call).toMatchObject({ outcome: 'completed', recorded: true });
    expect((await listen(order, call)).status).toBe(200);
  });

  it.each([
    ['says that there is nothing', { kind: 'status', status: 500 }, 'the answer was 500'],
    ['wants another password', { kind: 'status', status: 401 }, 'access was denied'],
    ['cuts the line', { kind: 'cut' }, 'the connection failed'],
  ])('whose provider %s is a problem that says so', async (_, fault, words) => {
    const order = await anOrder(maskline, { pool: pools[provider] });
    await maskline.place({ from: order.customer, to: order.customerDials });
    await faults([{ api: 'recordings', ...fault }]);
    const answer = await maskline.api('GET', path(order, (await calls(order))[0]));
    expect(problem(answer)).toBe('502 /problems/recording-unavailable');
    expect(answer.body.detail).toContain(words);
    expect(answer.text).not.toContain(maskline.exchange.url);
  });
});

describe('news of a recording by Twilio', () => {
  const aTwilioCall = async () => {
    const order = await anOrder(maskline, { pool: pools['twilio'] });
    const sid = `CA${aCallId()}`;
    const call = { CallSid: sid, From: order.customer, To: order.customerDials, CallStatus: 'ringing' };
    expect((await maskline.twilio('voice', { ...call, Direction: 'inbound' })).text).toContain('voice/recording');
    const RecordingUrl = `${maskline.exchange.url}/2010-04-01/Accounts/${TWILIO.sid}/Recordings/RE${sid.slice(2)}`;
    const recording = { CallSid: sid, RecordingSid: 'RE1', RecordingUrl, RecordingStatus: 'completed' };
    const end = { ...call, DialCallStatus: 'completed', DialCallDuration: '61', DialBridged: 'true' };
    return { order, recording, end };
  };
  const recorded = async (order: OrderOfTwo) => {
    const [{ outcome, recorded: isRecorded }] = await calls(order);
    return [outcome, isRecorded];
  };

  it('is kept whether it comes before the end of the call, after it, or twice', async () => {
    const { order, recording, end } = await aTwilioCall();
    expect((await maskline.twilio('voice/recording', recording)).status).toBe(204);
    expect(await recorded(order)).toEqual([null, true]);
    await maskline.twilio('voice/dial-result', end);
    expect(await recorded(order)).toEqual(['completed', true]);
    expect(await maskline.count('interactions', 'ask_at IS NOT NULL')).toBe(0);

    const other = await aTwilioCall();
    await maskline.twilio('voice/dial-result', other.end);
    expect(await recorded(other.order)).toEqual(['completed', false]);
    for (let time = 0; time < 2; time += 1) await maskline.twilio('voice/recording', other.recording);
    expect(await recorded(other.order)).toEqual(['completed', true]);
    expect(await maskline.count('interactions', 'ask_at IS NOT NULL')).toBe(0);
  });

  it('is none while the recording goes on, or when there is none after all', async () => {
    const { order, recording } = await aTwilioCall();
    for (const RecordingStatus of ['in-progress', 'absent']) {
      await maskline.twilio('voice/recording', { ...recording, RecordingStatus });
    }
    expect(await recorded(order)).toEqual([null, false]);
  });

  it('of a call that we know nothing of leaves nothing behind', async () => {
    const { recording } = await aTwilioCall();
    await maskline.twilio('voice/recording', { ...recording, CallSid: `CA${aCallId()}` });
    expect(await maskline.count('interactions')).toBe(1);
  });

  it('is refused unless Twilio signed it', async () => {
    const { order, recording } = await aTwilioCall();
    expect((await maskline.twilio('voice/recording', recording, { token: 'another' })).status).toBe(403);
    expect(await recorded(order)).toEqual([null, false]);
  });
});

describe('a link that leads elsewhere', () => {
  const tellExotel = async (RecordingUrl: string): Promise<[OrderOfTwo, Body]> => {
    const order = await anOrder(maskline, { pool: pools['exotel'] });
    const { callSid } = await maskline.call(order.customer, order.customerDials);
    const end = { CallSid: callSid, DialCallStatus: 'completed', DialCallDuration: '61', RecordingUrl };
    expect((await maskline.exotel('GET', 'passthru/answered', end)).status).toBe(200);
    return [order, (await calls(order))[0]];
  };

  it('is not kept, and the end of the call is', async () => {
    const { url } = maskline.exchange;
    const outside = store.putAudio('/elsewhere/a.mp3');
    for (const link of [
      ...[outside, 'file:///etc/passwd', 'http://169.254.169.254/latest/meta-data/', 'a link', 'null'],
      ...[`${url}/exchange/numbers`, `${url}/recordings/acme1/../../exchange/numbers`, `${url}/recordings/other/a.mp3`],
      ...[`${url}/recordings/acme1/..%2f..%2fexchange/numbers`, url.replace('//', '//key:token@')],
      url.replace('127.0.0.1', 'localhost') + '/recordings/acme1/a.mp3',
    ]) {
      const [order, call] = await tellExotel(link);
      expect([link, call.outcome, call.recorded]).toEqual([link, 'completed', false]);
      expect(problem(await maskline.api('GET', path(order, call)))).toBe('404 /problems/no-recording');
    }
    expect(await maskline.count('interactions', 'recording IS NOT NULL')).toBe(0);
    expect(store.asked).toEqual([]);
  });

  it('is not followed when it was kept by other settings', async () => {
    const [order, call] = await tellExotel(store.putAudio('/kept/a.mp3'));
    expect(call.recorded).toBe(true);
    const link = maskline.vault.sealText(
      store.putAudio('/elsewhere/a.mp3'),
      recordingOf(call.provider, call.providerCallId),
    );
    await maskline.dataSource.query('UPDATE interactions SET recording = $1', [link]);
    const answer = await maskline.api('GET', path(order, call));
    expect(problem(answer)).toBe('502 /problems/recording-unavailable');
    expect(answer.body.detail).toContain('leads to a place that the settings do not allow');
    expect(store.asked.filter(({ path }) => path.startsWith('/elsewhere'))).toEqual([]);
  });

  it('is not followed as a redirect either', async () => {
    const to = store.putAudio('/elsewhere/a.mp3');
    const from = store.put('/kept/out.mp3', (_request, response) => response.writeHead(302, { location: to }).end());
    const [order, call] = await tellExotel(from);
    expect(problem(await maskline.api('GET', path(order, call)))).toBe('502 /problems/recording-unavailable');
    expect(store.asked.filter(({ path }) => path.startsWith('/elsewhere'))).toEqual([]);
  });

  it('is told no password of the account, be it a place where recordings are', async () => {
    const [order, call] = await tellExotel(store.putAudio('/kept/a.mp3'));
    expect(await (await listen(order, call)).text()).toBe('la la la');
    expect(store.asked.at(-1)).toEqual({ path: '/kept/a.mp3', authorization: undefined });
  });

  it('has an answer that breaks off break off here too, so that nobody takes it for the whole', async () => {
    const half = store.put('/kept/half.mp3', (_request, response) => {
      response.writeHead(200, { 'content-type': 'audio/mpeg', 'content-length': '1000' });
      response.write('la', () => setTimeout(() => response.destroy(), 50));
    });
    const [order, call] = await tellExotel(half);
    const response = await listen(order, call);
    expect(response.status).toBe(200);
    await expect(response.arrayBuffer()).rejects.toThrow();
    expect(logged.join()).toContain('recording broken off');
  });
});

describe('a recording that is asked for', () => {
  it.each([
    ['under another order', (order: OrderOfTwo, call: Body, other: OrderOfTwo) => path(other, call)],
    ['at another provider', (order: OrderOfTwo, call: Body) => path(order, { ...call, provider: 'twilio' })],
    ['at nobody', (order: OrderOfTwo, call: Body) => path(order, { ...call, provider: 'nobody' })],
    ['of no call', (order: OrderOfTwo, call: Body) => path(order, { ...call, providerCallId: aCallId() })],
  ])('%s is not there', async (_, otherwise) => {
    const [order, other] = [
      await anOrder(maskline, { pool: pools['exotel'] }),
      await anOrder(maskline, { pool: pools['exotel'] }),
    ];
    await maskline.place({ from: order.customer, to: order.customerDials });
    const [call] = await calls(order);
    expect(problem(await maskline.api('GET', otherwise(order, call, other)))).toBe('404 /problems/call-not-found');
  });

  it('of no order is a problem of its own', async () => {
    const answer = await maskline.api('GET', '/v1/orders/none/interactions/exotel/1/recording');
    expect(problem(answer)).toBe('404 /problems/order-not-found');
  });

  it('is not played when it cannot be written down who asked', async () => {
    const order = await anOrder(maskline, { pool: pools['exotel'] });
    await maskline.place({ from: order.customer, to: order.customerDials });
    const [call] = await calls(order);
    await maskline.dataSource.query('ALTER TABLE audit_log RENAME TO audit_log_gone');
    const answer = await maskline.api('GET', path(order, call));
    await maskline.dataSource.query('ALTER TABLE audit_log_gone RENAME TO audit_log');
    expect(answer.status).toBe(500);
  });
});

describe('the account’s password', () => {
  it.each([
    ['exotel', 'https://recordings.exotel.com/a.mp3', true],
    ['exotel', 'https://api.in.exotel.com/a.mp3', true],
    ['exotel', 'http://recordings.exotel.com/a.mp3', false],
    ['exotel', 'https://s3-ap-southeast-1.amazonaws.com/exotelrecordings/a.mp3', false],
    ['exotel', 'https://notexotel.com/a.mp3', false],
    ['twilio', 'https://api.twilio.com/a.mp3', true],
    ['twilio', 'https://media.twiliocdn.com/a.mp3', false],
  ])('of %s for %s: told %s', (provider, url, told) => {
    const source = maskline.get<RecordingSource>(provider === 'exotel' ? ExotelRecordings : TwilioRecordings);
    expect('authorization' in source.headersFor(new URL(url))).toBe(told);
  });
});
