import { appendFile, chmod, mkdtemp, readdir, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

import { startExchange } from '../../exchange/exchange.js';
import { Journal } from '../../exchange/network/state-file.js';
import { ACCOUNT, anExchange, FLOW_ID, VOICE_URL } from './at-the-exchange.js';
import { connectsTo, startPretendApp } from './pretend-app.js';
import { CalmTime } from '../support/calm-time.js';

let folder: string;
let stateFile: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'exchange-'));
  stateFile = join(folder, 'not-there-yet', 'exchange.json');
});
afterEach(() => rm(folder, { recursive: true }));

describe('a restart', () => {
  it('forgets no number, and brings no released one back', async () => {
    const hooks = 'http://127.0.0.1:9/hooks/exotel/s';
    const before = await anExchange(hooks, { stateFile, owned: ['+918040000500', '+918040000501'] });
    await before.exophones('POST', 'IncomingPhoneNumbers', { PhoneNumber: '+918040000001', VoiceUrl: VOICE_URL });
    await before.exophones('DELETE', 'IncomingPhoneNumbers/08040000500');
    const numbers = (await before.operator('GET', '/exchange/numbers')).body;
    await before.close();

    const after = await anExchange(hooks, { stateFile, owned: ['+918040000500', '+918040000501'] });
    expect((await after.operator('GET', '/exchange/numbers')).body).toEqual(numbers);
    await after.close();
  });

  it('has each purchase, setting and release in the file when it is answered', async () => {
    const exchange = await anExchange('http://127.0.0.1:9/hooks/exotel/s', { stateFile });
    const saved = async () => JSON.parse(await readFile(stateFile, 'utf8'));
    await exchange.exophones('POST', 'IncomingPhoneNumbers', { PhoneNumber: '+918040000001' });
    expect((await saved()).owned).toMatchObject([{ number: '+918040000001', voiceUrl: null }]);
    await exchange.exophones('PUT', 'IncomingPhoneNumbers/08040000001', { VoiceUrl: VOICE_URL });
    expect((await saved()).owned).toMatchObject([{ voiceUrl: VOICE_URL }]);
    await exchange.exophones('DELETE', 'IncomingPhoneNumbers/08040000001');
    expect(await saved()).toMatchObject({ owned: [], gone: ['+918040000001'] });
    await exchange.close();
  });

  it('keeps its files to their owner, those of an earlier version too', async () => {
    const exchange = await anExchange('http://127.0.0.1:9/hooks/exotel/s', { stateFile, owned: ['+918040000500'] });
    await exchange.exophones('POST', 'IncomingPhoneNumbers', { PhoneNumber: '+918040000001' });
    await exchange.close();
    const modes = async () =>
      Promise.all(
        (await readdir(dirname(stateFile))).map(
          async (name) => (await stat(join(dirname(stateFile), name))).mode & 0o777,
        ),
      );
    expect(new Set(await modes())).toEqual(new Set([0o600]));
    await chmod(stateFile, 0o644);
    const again = await anExchange('http://127.0.0.1:9/hooks/exotel/s', { stateFile });
    expect(new Set(await modes())).toEqual(new Set([0o600]));
    await again.close();
  });

  it('has all of many purchases at once in the file', async () => {
    const exchange = await anExchange('http://127.0.0.1:9/hooks/exotel/s', { stateFile });
    const numbers = Array.from({ length: 50 }, (_, index) => `+9180400001${String(index).padStart(2, '0')}`);
    await Promise.all(
      numbers.map(async (PhoneNumber) => {
        await exchange.exophones('POST', 'IncomingPhoneNumbers', { PhoneNumber });
        expect(await readFile(stateFile, 'utf8')).toContain(PhoneNumber);
      }),
    );
    await exchange.close();
  });

  it('still knows how calls ended, past a line that a kill cut short', async () => {
    const app = await startPretendApp();
    app.connect = connectsTo('+919000000002');
    const place = async (callSid: string) => {
      const exchange = await anExchange(app.hooks, { stateFile, owned: ['+918040000101'] });
      await exchange.pointAtTheFlow('+918040000101');
      await exchange.place({ callSid, from: '+919000000001', to: '+918040000101', skipPassthru: true });
      await exchange.close();
    };
    await place('first');
    await appendFile(`${stateFile}.calls`, '{"sid":"cut sh');
    await place('second');
    const after = await anExchange(app.hooks, { stateFile });
    for (const sid of ['first', 'second']) {
      expect((await after.voice('GET', `Calls/${sid}.json`)).body.Call).toMatchObject({
        Sid: sid,
        Status: 'completed',
        Duration: '78',
      });
    }
    expect((await after.operator('GET', '/exchange')).body.callsPlaced).toBe(2);
    await after.close();
    await app.close();
  });

  it('keeps the file of calls short', async () => {
    const path = join(folder, 'calls');
    const kept: number[] = [];
    const journal = new Journal<number>(path, 5, () => kept.slice(-5));
    for (let entry = 1; entry <= 23; entry += 1) {
      kept.push(entry);
      await journal.append(entry);
    }
    const lines = (await readFile(path, 'utf8')).trim().split('\n');
    expect(lines.length).toBeLessThan(10);
    expect(lines.slice(-5).map(Number)).toEqual([19, 20, 21, 22, 23]);
  });
});

describe('starting', () => {
  it('says with the server’s own error that the port is taken', async () => {
    const first = await anExchange('http://127.0.0.1:9/hooks/exotel/s');
    const port = Number(new URL(first.url).port);
    const second = startExchange({ port, account: ACCOUNT, flow: { id: FLOW_ID, hooks: 'http://127.0.0.1:9/s' } });
    await expect(second).rejects.toMatchObject({ code: 'EADDRINUSE' });
    await first.close();
  });

  it('owns nothing that is no number', async () => {
    await expect(anExchange('http://127.0.0.1:9/s', { owned: ['08040000101'] })).rejects.toThrow(/not E\.164/);
  });

  it('closes while a call and a slow answer are under way', async () => {
    const app = await startPretendApp();
    app.connect = () => new Promise(() => undefined);
    const exchange = await anExchange(app.hooks, { owned: ['+918040000101'] });
    await exchange.pointAtTheFlow('+918040000101');
    await exchange.operator('PUT', '/exchange/faults', [{ api: 'list', kind: 'slow', ms: 60_000 }]);
    const lost = [
      exchange.place({ from: '+919000000001', to: '+918040000101' }),
      exchange.exophones('GET', 'IncomingPhoneNumbers'),
    ].map((answer) =>
      answer.then(
        () => 'answered',
        () => 'lost',
      ),
    );
    while (app.asked.length === 0) await new Promise(setImmediate);
    const waited = new CalmTime();
    await exchange.close();
    expect(waited.ms).toBeLessThan(1000);
    expect(await lost[1]).toBe('lost');
    await lost[0];
    await app.close();
  });
});
