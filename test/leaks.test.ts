import { randomInt } from 'node:crypto';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

import { Redis } from 'ioredis';

import { FAULT_STATUSES } from '../exchange/network/faults.js';
import { EXOTEL_TIMING } from '../src/telephony/exotel/exotel-api.js';
import { TWILIO_TIMING } from '../src/telephony/twilio/twilio-api.js';
import { KeptTextsService } from '../src/telephony/texts/kept-texts.service.js';
import { OrderIntakeService } from '../src/orders/intake/order-intake.service.js';
import { ResealService } from '../src/phone-number/reseal.service.js';
import { OutgoingCallsService } from '../src/telephony/outgoing/outgoing-calls.service.js';
import { ReconcileService } from '../src/telephony/reconciliation/reconcile.service.js';
import { Replica } from '../src/virtual-numbers/replica/replica.js';
import { API_KEY, HOOK_SECRET, numbers, TestApp, type Answer, type Body } from './support/app.js';
import { openApiDocument } from './support/open-api-document.js';
import { databasesFolder } from './support/databases-folder.js';
import { eventually } from './support/eventually.js';
import { leaksIn } from './support/leaks.js';
import { ProviderAccount } from './support/provider-account.js';
import { REDIS } from './support/with-redis.js';
import { CalmTime } from './support/calm-time.js';

describe('the search for phones', () => {
  const phone = '+919876501234';
  it.each([
    ['E.164', 'call +919876501234 now'],
    ['national', '{"to":"09876501234"}'],
    ['with spaces', 'at 98765 01234.'],
    ['with hyphens and brackets', '(+91) 98765-01234'],
    ['encoded for a URL', 'From=%2B91%209876501234'],
    ['with each digit encoded', [...'9876501234'].map((digit) => `%3${digit}`).join('')],
    ['digit by digit', '9 8 7 6 5 0 1 2 3 4'],
    ['in Devanagari', '९८७६५०१२३४'],
    ['in full width', '９８７６５０１２３４'],
    ['in hex', `\\x${Buffer.from(`{"phone":"${phone}"}`).toString('hex')}`],
    ['in base64', Buffer.from(`{"phone":"${phone}"}`).toString('base64')],
    ['in base64 for URLs, at another place', Buffer.from(`{"a":"${phone}"}`).toString('base64url')],
    ['in base64, at a third', Buffer.from(`{"ab":"${phone}"}`).toString('base64')],
  ])('finds one that is written %s', (_, text) => expect(leaksIn(text, ['+919000000001', phone])).toHaveLength(1));

  it('finds none where there is none', () => {
    const text = 'order 1000000001 of +91••••••••34 at 2026-11-22T06:00:00.000Z, +918047000001, 98765 0123';
    expect(leaksIn(text, [phone])).toEqual([]);
  });
});

const FAILING = [
  ...FAULT_STATUSES.map((status) => ({ kind: 'status', status, quotes: true, retryAfter: 0, times: 3 })),
  ...['garbled', 'cut', 'hang-after-doing'].map((kind) => ({ kind })),
  { kind: 'rate-limit', perMinute: 0, times: 3 },
];
const SILENT = { kind: 'slow', ms: 2_000 };
/** By API; those that only ever name virtual numbers are left out. */
const FAULTS = {
  connect: [...FAILING, SILENT],
  calls: [...FAILING, SILENT, { kind: 'empty' }],
  recordings: FAILING,
  sms: [...FAILING, SILENT],
};
type Api = keyof typeof FAULTS;
/** Twilio passes texts on in the answer to its callback. */
const APIS: Record<'exotel' | 'twilio', Api[]> = {
  exotel: ['connect', 'calls', 'recordings', 'sms'],
  twilio: ['connect', 'calls', 'recordings'],
};

/** So that silence and further attempts do not take minutes. */
const QUICK = { timeoutMs: 1_500, backoffMs: 1 };
const TIMINGS = [EXOTEL_TIMING, TWILIO_TIMING].map((timing) => ({ timing, usual: { ...timing } }));
beforeAll(() => TIMINGS.forEach(({ timing }) => Object.assign(timing, QUICK)));
afterAll(() => TIMINGS.forEach(({ timing, usual }) => Object.assign(timing, usual)));

/** Of both applications: the logger of a process is one. */
const lines: string[] = [];

/** With each backend, the faults of one provider: it makes no difference to them. */
const BACKENDS = REDIS
  ? ([
      ['PostgreSQL', null, ['exotel']],
      ['Redis', REDIS, ['twilio']],
    ] as const)
  : ([['PostgreSQL', null, ['exotel', 'twilio']]] as const);

for (const [backend, redisUrl, asked] of BACKENDS) {
  describe(`nobody's phone, with jobs on ${backend},`, () => {
    const phones: string[] = [];
    const answers: { what: string; text: string }[] = [];
    let linesRead = 0;
    let maskline: TestApp;
    let provider: ProviderAccount;
    let pool: string;
    let replicaDir: string;
    let order: { reference: string; customer: string; agent: string; dials: string };

    /** No other test has such a one. */
    const aPerson = (): string => {
      const phone = `+9197${randomInt(10_000_000, 99_999_999)}`;
      phones.push(phone);
      return phone;
    };
    const note = (what: string, { text, headers }: Answer) =>
      void answers.push({ what, text: `${text} ${JSON.stringify(headers)}` });

    beforeAll(async () => {
      replicaDir = await mkdtemp(join(databasesFolder(), 'maskline-replica-'));
      const logTo = (line: string) => void lines.push(line);
      maskline = await TestApp.start({ works: true, redisUrl, exotelTexts: true, replicaDir, logTo });
      provider = new ProviderAccount(maskline);
      pool = await maskline.pool(
        { pin: 'unknown-callers', claimByPin: true, recordCalls: true, texts: 'redacted', textsKeptSeconds: 3_600 },
        numbers(20),
      );
    });
    // What went before may have ended the last one.
    beforeEach(async () => {
      const [reference, customer, agent] = [`leaks-${randomInt(1_000_000_000)}`, aPerson(), aPerson()];
      const { customer: side } = await maskline.order(reference, customer, agent, { pool });
      order = { reference, customer, agent, dials: side.dials };
    });
    afterAll(async () => {
      await maskline?.stop();
      await rm(replicaDir, { recursive: true, force: true });
    });

    it('is in the answer of any endpoint, whatever is sent to it', async () => {
      const document = await openApiDocument(maskline);
      for (const [path, methods] of Object.entries<Body>(document.paths)) {
        for (const [method, operation] of Object.entries<Body>(methods)) {
          if (operation.operationId === 'streamChanges') continue; // its answer has no end: test/orders/stream
          for (const wrong of [false, true]) {
            for (const request of requestsOf(path, operation, document.components.schemas, wrong)) {
              const authorization = `Bearer ${API_KEY}`;
              const headers = {
                authorization,
                ...(request.body === undefined ? {} : { 'content-type': request.type }),
              };
              const answer = await maskline.request(method.toUpperCase(), request.path, headers, request.body);
              note(`${method} ${path}`, answer);
            }
          }
        }
      }
      expect(answers.length).toBeGreaterThan(100);
      expectNone();
    });

    it('is told to a provider but in the answers that connect and forward', async () => {
      const { customer, dials } = order;
      const stranger = aPerson();
      for (const from of [customer, stranger, 'anonymous', `${customer};x`]) {
        for (const to of [dials, aPerson()]) {
          const call = await maskline.call(from, to);
          const query = { CallSid: call.callSid, From: from, To: to, DialWhomNumber: order.agent, digits: `"${from}"` };
          const { callSid } = call;
          for (const path of ['reason', 'gather', 'greeting', 'passthru/answered', `passthru/${from}`])
            note(path, await maskline.exotel('GET', path, { ...query, DialCallStatus: 'completed' }));
          for (const path of ['connect-pin', 'connect-pin-again']) await maskline.exotel('GET', path, query);
          await maskline.exotel('GET', 'sms', { SmsSid: callSid, From: from, To: to, Body: `call ${stranger}` });
          const twilio = { CallSid: `CA${callSid}`, From: from, To: to, Digits: from, Called: stranger };
          for (const path of ['voice', 'voice/pin/1', 'messages']) await maskline.twilio(path, twilio);
          for (const path of [
            'voice/dial-result',
            'voice/status',
            'voice/recording',
            'messages/status',
            'voice/whisper',
          ])
            note(
              path,
              await maskline.twilio(path, { ...twilio, CallStatus: 'completed', RecordingUrl: `http://${from}` }),
            );
          note('unsigned', await maskline.twilio('voice', twilio, { token: 'wrong' }));
        }
      }
      const status = { CallSid: order.customer, From: customer, To: stranger, Status: 'completed' };
      for (const secret of [HOOK_SECRET, 'guessed'])
        note(
          'call-status',
          await maskline.request(
            'POST',
            `/hooks/exotel/${secret}/call-status`,
            { 'content-type': 'application/json' },
            status,
          ),
        );
      note('no route', await maskline.request('GET', `/${encodeURIComponent(customer)}`, {}));
      expectNone();
    });

    it.each(asked)(
      'is told by any fault of %s, even if its answer repeats what it was sent',
      async (name) => {
        const place = name === 'twilio' ? { provider: name, country: 'US' } : { texts: 'redacted' as const };
        const size = { lowWater: 3, target: 3, maxNumbers: 3, lifetimeSeconds: 30 * 24 * 3_600 };
        const own = await maskline.pool({ ...place, ...size, recordCalls: true });
        // The pool's own round may be in progress.
        await until(async () => (await maskline.api('GET', `/v1/pools/${own}`)).body.level.assignable === 3);
        const [reference, customer] = [`leaks-${randomInt(1_000_000_000)}`, aPerson()];
        const { dials } = (await maskline.order(reference, customer, aPerson(), { pool: own })).customer;
        const recorded = (await maskline.place({ from: customer, to: dials })).callSid;

        const path = `/v1/orders/${reference}`;
        const anId = () => String(randomInt(1_000_000_000));
        const orderCall = async () => {
          const headers = { authorization: `Bearer ${API_KEY}`, 'idempotency-key': anId() };
          note('an ordered call', await maskline.request('POST', `${path}/calls`, headers, { from: 'customer' }));
        };
        const acts: Record<Api, () => Promise<void>> = {
          connect: orderCall,
          calls: async () => {
            await maskline.get(OutgoingCallsService).settleUnknown();
            await maskline.get(ReconcileService).askForEnds();
          },
          recordings: async () =>
            note('a recording', await maskline.api('GET', `${path}/interactions/${name}/${recorded}/recording`)),
          sms: async () =>
            note(
              'a text',
              await maskline.exotel('GET', 'sms', { SmsSid: anId(), From: customer, To: dials, Body: customer }),
            ),
        };
        for (const api of APIS[name]) {
          for (const fault of FAULTS[api]) {
            if (api === 'calls') {
              // A call whose answer was lost, so that there is something to ask about.
              await provider.faults({ api: 'connect', kind: 'hang-after-doing' });
              await orderCall();
            }
            await provider.faults({ provider: name, api, ...fault });
            const before = await provider.asked(name, api);
            maskline.clock.push({ hours: 2 });
            await acts[api]();
            await until(async () => (await provider.asked(name, api)) > before);
          }
        }
        await provider.faults();
        expectNone();
      },
      120_000,
    );

    it('is told by a database that fails', async () => {
      const { dataSource } = maskline;
      for (const table of [
        'orders',
        'participants',
        'assignments',
        'interactions',
        'incoming_events',
        'virtual_number_keys',
      ]) {
        await dataSource.query(`ALTER TABLE ${table} RENAME TO ${table}_away`);
        const phone = aPerson();
        note(table, await maskline.api('POST', '/v1/orders', { reference: `no-${table}`, customer: { phone }, pool }));
        note(table, await maskline.api('PUT', `/v1/orders/${order.reference}/agent`, { phone }));
        note(table, await maskline.api('POST', '/v1/routing/explain', { from: phone, to: order.dials }));
        await maskline.call(phone, order.dials);
        await maskline.exotel('GET', 'sms', { SmsSid: table, From: phone, To: order.dials, Body: phone });
        await dataSource.query(`ALTER TABLE ${table}_away RENAME TO ${table}`);
      }
      expect(lines.some((line) => line.includes('request failed'))).toBe(true);
      expectNone();
    });

    it('is in any log line, metric, table or job', async () => {
      await maskline.get(OrderIntakeService).applyStored();
      await maskline.get(ResealService).reseal();
      await maskline.get(KeptTextsService).forgetWhatIsDue();
      note('metrics', await maskline.request('GET', '/metrics', { authorization: `Bearer ${API_KEY}` }));
      expectNone();
      const dump = await tables();
      expect(dump.length).toBeGreaterThan(30);
      for (const { table, rows } of dump) expect([table, leaksIn(rows, phones)]).toEqual([table, []]);
      if (redisUrl !== null) expect(leaksIn(await everythingIn(redisUrl), phones)).toEqual([]);
      await eventually(() => maskline.app.get(Replica, { strict: false }).ageMs() !== null);
      const files = await filesIn(replicaDir);
      expect(files.length).toBeGreaterThan(10_000);
      expect(leaksIn(files, phones)).toEqual([]);
    });

    it('would be found, had it been put where none may be', async () => {
      await maskline.dataSource.query('ALTER TABLE audit_log DISABLE TRIGGER USER');
      await maskline.dataSource.query(`UPDATE audit_log SET about = $1`, [order.customer]);
      const dump = await tables();
      const found = dump.filter(({ rows }) => leaksIn(rows, phones).length > 0).map(({ table }) => table);
      expect(found).toEqual(['public.audit_log']);
      await maskline.dataSource.query(`UPDATE audit_log SET about = NULL`);
      await maskline.dataSource.query('ALTER TABLE audit_log ENABLE TRIGGER USER');
    });

    function expectNone(): void {
      for (const { what, text } of answers.splice(0)) expect([what, leaksIn(text, phones)]).toEqual([what, []]);
      // A line of before was looked at then, and no phone of later can be in it.
      for (const line of lines.slice(linesRead))
        if (leaksIn(line, phones).length > 0) throw new Error(`A phone is in the log: ${line}`);
      linesRead = lines.length;
    }

    async function tables(): Promise<{ table: string; rows: string }[]> {
      const names: { schema: string; name: string }[] = await maskline.dataSource.query(
        `SELECT schemaname AS schema, tablename AS name FROM pg_tables WHERE schemaname IN ('public', 'bullmq')`,
      );
      return Promise.all(
        names.map(async ({ schema, name }) => {
          const rows = await maskline.dataSource.query(`SELECT one::text AS row FROM ${schema}."${name}" AS one`);
          return { table: `${schema}.${name}`, rows: rows.map(({ row }: { row: string }) => row).join('\n') };
        }),
      );
    }

    /** A right request, or wrong ones, with a phone wherever one can be put. */
    function requestsOf(path: string, operation: Body, schemas: Body, wrong: boolean): Request[] {
      const fill = (name: string, example: unknown): string => {
        if (wrong) return aPerson();
        const known: Record<string, string> = {
          reference: order.reference,
          number: order.dials,
          name: pool,
          role: 'customer',
        };
        return known[name] ?? String(example ?? '6f1c2f5e-2f0a-4a57-9d6c-3f0f6a1f2b11');
      };
      const parameters: Body[] = operation.parameters ?? [];
      const at = parameters
        .filter((one) => one.in === 'path')
        .reduce(
          (url: string, one) => url.replace(`{${one.name}}`, encodeURIComponent(fill(one.name, one.example))),
          path,
        );
      const query = new URLSearchParams(
        parameters
          .filter((one) => one.in === 'query' && (wrong || one.required))
          .map((one): [string, string] => [one.name, fill(one.name, one.example)]),
      );
      const url = query.size === 0 ? at : `${at}?${query}`;
      const [type, content] = Object.entries<Body>(operation.requestBody?.content ?? {})[0] ?? [];
      if (type === undefined) return [{ path: url, type: '', body: undefined }];
      // A fresh number in an import is one that the operator says is ours, so here it is somebody's.
      if (type === 'text/csv')
        return [{ path: url, type, body: `number,providerId\n${order.customer},x\n${aPerson()}9,${aPerson()}\n` }];
      const right = sample(content.schema, schemas, '', false);
      if (!wrong) return [{ path: url, type, body: JSON.stringify(right) }];
      const phone = aPerson();
      const bodies = [sample(content.schema, schemas, '', true), { ...right, [phone]: phone }, [phone], phone];
      return [...bodies.map((body) => JSON.stringify(body)), `{"phone":${phone}`, `phone=${phone}`].map((body) => ({
        path: url,
        type,
        body,
      }));
    }

    /** @param wrong whether each text is a phone, be it one of a pool, a time or a reference */
    function sample(schema: Body, schemas: Body, name: string, wrong: boolean): Body {
      const known = schema.$ref ? schemas[schema.$ref.split('/').at(-1)] : (schema.allOf?.[0] ?? schema);
      if (known !== schema) return sample(known, schemas, name, wrong);
      if (schema.type === 'array') return [sample(schema.items, schemas, name, wrong)];
      if (schema.properties)
        return Object.fromEntries(
          Object.entries<Body>(schema.properties).map(([key, one]) => [key, sample(one, schemas, key, wrong)]),
        );
      if (name === 'number') return wrong ? order.customer : order.dials;
      if (/phone|^from$/i.test(name) && schema.enum === undefined) return aPerson();
      if (wrong && (schema.type === 'string' || schema.type === undefined)) return aPerson();
      if (name === 'reference') return `leaks-${randomInt(1_000_000_000)}`;
      if (name === 'pool') return pool;
      return schema.example ?? schema.enum?.[0] ?? (schema.type === 'string' ? 'x' : 1);
    }
  });
}

interface Request {
  readonly path: string;
  readonly type: string;
  readonly body: string | undefined;
}

async function until(isSo: () => Promise<boolean>): Promise<void> {
  for (const waited = new CalmTime(); waited.ms < 10_000; await sleep(10)) if (await isSo()) return;
  throw new Error('It did not come within 10 s.');
}

async function filesIn(folder: string): Promise<string> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile()).map(({ parentPath, name }) => join(parentPath, name));
  return (await Promise.all(files.map((file) => readFile(file, 'latin1')))).join('\n');
}

/** Names and values of all keys. */
async function everythingIn(redisUrl: string): Promise<string> {
  const redis = new Redis(redisUrl);
  const found: unknown[] = [];
  try {
    for await (const keys of redis.scanStream({ count: 500 }) as AsyncIterable<string[]>) {
      for (const key of keys) {
        const read: Record<string, () => Promise<unknown>> = {
          string: () => redis.get(key),
          hash: () => redis.hgetall(key),
          list: () => redis.lrange(key, 0, -1),
          set: () => redis.smembers(key),
          zset: () => redis.zrange(key, '0', '-1'),
          stream: () => redis.xrange(key, '-', '+'),
        };
        found.push(key, await read[await redis.type(key)]?.());
      }
    }
  } finally {
    redis.disconnect();
  }
  return JSON.stringify(found);
}
