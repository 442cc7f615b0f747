import { randomInt } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';

import { openTelemetry, type OpenTelemetry } from '../../../src/platform/observability/open-telemetry.js';
import { requestIdOf } from '../../../src/platform/http/server/request-context.js';
import { useTracer } from '../../../src/platform/observability/tracing.js';
import { API_KEY, HOOK_SECRET, TestApp, TWILIO, type Body } from '../../support/app.js';
import { eventually } from '../../support/eventually.js';
import { leaksIn } from '../../support/leaks.js';

interface Span {
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId?: string;
  readonly name: string;
  readonly links: readonly { readonly traceId: string }[];
  readonly attributes: Record<string, unknown>;
}

/** A collector of OpenTelemetry, which takes JSON (https://opentelemetry.io/docs/specs/otlp/#json-protobuf-encoding). */
class Collector {
  readonly received: string[] = [];
  private readonly server: Server;

  constructor() {
    this.server = createServer((request, response) => {
      const chunks: Buffer[] = [];
      request.on('data', (chunk: Buffer) => chunks.push(chunk));
      request.on('end', () => {
        if (request.url === '/v1/traces') this.received.push(Buffer.concat(chunks).toString());
        response.writeHead(200, { 'content-type': 'application/json' }).end('{}');
      });
    });
  }

  async listen(): Promise<string> {
    await new Promise<void>((resolve) => this.server.listen(0, '127.0.0.1', resolve));
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  get spans(): Span[] {
    return this.received.flatMap((text) =>
      JSON.parse(text).resourceSpans.flatMap(({ scopeSpans }: Body) =>
        scopeSpans.flatMap((scope: Body) =>
          scope.spans.map((span: Body) => ({
            links: [],
            ...span,
            attributes: Object.fromEntries(
              span.attributes.map(({ key, value }: Body) => [key, Object.values(value as object)[0]]),
            ),
          })),
        ),
      ),
    );
  }

  close(): void {
    this.server.close();
  }
}

const phones: string[] = [];
const lines: string[] = [];
const collector = new Collector();
let telemetry: OpenTelemetry;
let maskline: TestApp;
let spans: Span[];

/** No other test has such a one. */
const aPerson = (): string => {
  const phone = `+9196${randomInt(10_000_000, 99_999_999)}`;
  phones.push(phone);
  return phone;
};
const CLIENTS_TRACE = '4bf92f3577b34da6a3ce929d0e0e4736';
const CLIENTS = { authorization: `Bearer ${API_KEY}`, traceparent: `00-${CLIENTS_TRACE}-00f067aa0ba902b7-01` };

beforeAll(async () => {
  telemetry = openTelemetry(await collector.listen(), 'all', (failure) => lines.push(`{"msg":"${failure.message}"}`));
  maskline = await TestApp.start({ works: true, exotelTexts: true, logTo: (line) => void lines.push(line) });
  useTracer(telemetry.tracer);
  await everythingThatIsTraced();
  useTracer(null);
  await telemetry.stop();
  spans = collector.spans;
});
afterAll(async () => {
  useTracer(null);
  await maskline?.stop();
  collector.close();
});

/** An order, its calls and texts by both providers, requests with phones wherever one can be put, and failures. */
async function everythingThatIsTraced(): Promise<void> {
  const [customer, agent, stranger] = [aPerson(), aPerson(), aPerson()];
  const headers = { ...CLIENTS, 'x-request-id': 'checkout-42', 'content-type': 'application/json' };
  const pool = 'traced';
  const size = { lowWater: 4, target: 4, maxNumbers: 4 };
  const policy = { recordCalls: true, texts: 'redacted', pin: 'unknown-callers', ...size };
  await maskline.request('POST', '/v1/pools', headers, { name: pool, country: 'IN', ...policy });
  await eventually(async () => (await maskline.api('GET', `/v1/pools/${pool}`)).body.level.assignable === 4);
  await maskline.request('POST', '/v1/orders', headers, { reference: 'traced', customer: { phone: customer }, pool });
  const assigned = await maskline.request('PUT', '/v1/orders/traced/agent', headers, { phone: agent });
  const { dials } = assigned.body.customer;
  await maskline.place({ from: customer, to: dials });
  await maskline.call(agent, assigned.body.agent.dials);
  await maskline.call(stranger, dials);
  await maskline.exotel('GET', 'sms', { SmsSid: 'traced', From: customer, To: dials, Body: `call ${agent}` });
  await maskline.exotel('GET', 'connect', { CallSid: 'guessed', From: customer, To: dials }, `${HOOK_SECRET}x`);
  const twilio = { CallSid: 'CAtraced', From: customer, To: dials, Digits: customer, CallStatus: 'completed' };
  for (const path of ['voice', 'voice/pin/1', 'voice/dial-result', 'voice/status']) await maskline.twilio(path, twilio);
  await maskline.api('POST', '/v1/orders/traced/calls', { from: 'customer' });
  await maskline.request(
    'POST',
    '/v1/orders/traced/calls',
    { ...headers, 'idempotency-key': 'one' },
    { from: 'customer' },
  );
  await maskline.api('POST', '/v1/routing/explain', { from: customer, to: dials });
  await maskline.request('GET', `/no/such/${customer}?phone=${encodeURIComponent(customer)}`, {
    'x-request-id': customer,
  });
  await maskline.request('GET', `/v1/orders?cursor=${encodeURIComponent(customer)}`, CLIENTS);
  await maskline.dataSource.query('ALTER TABLE participants RENAME TO participants_away');
  await maskline.api('PUT', '/v1/orders/traced/agent', { phone: stranger });
  await maskline.dataSource.query('ALTER TABLE participants_away RENAME TO participants');
  await eventually(() => lines.some((line) => line.includes('"pool replenished"')));
}

const inTraceOf = ({ traceId }: Span) => spans.filter((span) => span.traceId === traceId);

it('one trace has a call from its first callback to the report of its end, with the decision and its statements', () => {
  const [decided] = spans.filter(
    ({ name, attributes }) => name === 'decide call' && attributes['maskline.reason'] === 'CONNECTED',
  );
  const whole = inTraceOf(decided ?? spans.find(({ name }) => name === 'decide call')!);
  const names = whole.map(({ name }) => name);
  expect(names).toEqual(
    expect.arrayContaining([
      'GET /hooks/exotel/:secret/connect',
      'decide call',
      'GET /hooks/exotel/:secret/passthru/:exit',
      'record report',
      'record-report',
    ]),
  );
  const parentOf = (span: Span) => whole.find(({ spanId }) => spanId === span.parentSpanId)?.name;
  const only = (name: string) => whole.filter((span) => span.name === name);
  expect(only('decide call').map(parentOf)).toEqual(['GET /hooks/exotel/:secret/connect']);
  expect(only('record-report').map(parentOf)).toContain('record report');
  expect(
    whole.filter((span) => parentOf(span) === 'decide call' && span.attributes['db.system.name'] === 'postgresql')
      .length,
  ).toBeGreaterThan(0);
  expect(only('record report').map(({ attributes }) => attributes['maskline.outcome'])).toContain('completed');
});

it('a job is in the trace of the request that caused it, and has its id', () => {
  const jobs = spans.filter(({ name, traceId }) => name.startsWith('process ') && traceId === CLIENTS_TRACE);
  expect(jobs.map(({ name }) => name)).toContain('process virtual-numbers.pool-low');
  expect(new Set(jobs.map(({ attributes }) => attributes['maskline.request_id']))).toEqual(new Set(['checkout-42']));
  expect(spans.filter(({ name, traceId }) => name === 'POST exotel' && traceId === CLIENTS_TRACE)).not.toEqual([]);
});

it('no span has a phone, a secret, an address with values or a query', () => {
  const whole = collector.received.join('\n');
  expect(spans.length).toBeGreaterThan(100);
  expect(leaksIn(whole, phones)).toEqual([]);
  for (const secret of [HOOK_SECRET, API_KEY, TWILIO.authToken, 'apiToken', 'guessed'])
    expect(whole).not.toContain(secret);
  for (const { name, attributes } of spans)
    expect(`${name} ${JSON.stringify(attributes)}`).not.toMatch(/[?&]|CallSid|From=/);
  const keys = new Set(spans.flatMap(({ attributes }) => Object.keys(attributes)));
  expect([...keys].filter((key) => /url|query\.text|path|exception|message$|peer|client/.test(key))).toEqual([]);
});

it('one id is in the answer to a request, its log lines, and those of the jobs that it caused', async () => {
  const said = lines.map((line) => JSON.parse(line) as { msg: string; requestId?: string; traceId?: string });
  const ofRequest = said.filter(({ requestId }) => requestId === 'checkout-42');
  expect(ofRequest.map(({ msg }) => msg)).toEqual(expect.arrayContaining(['pool replenished']));
  expect(ofRequest.every(({ traceId }) => traceId === undefined || traceId === CLIENTS_TRACE)).toBe(true);
  const answer = async (id?: string) =>
    (
      await maskline.request('GET', '/v1/pools', {
        authorization: `Bearer ${API_KEY}`,
        ...(id ? { 'x-request-id': id } : {}),
      })
    ).headers['x-request-id'];
  expect(await answer('checkout-43')).toBe('checkout-43');
  expect(await answer()).toMatch(/^[0-9a-f-]{36}$/);
  for (const path of ['/nowhere', '/v1/orders', `/hooks/exotel/${HOOK_SECRET}/reason`, '/%', '/health/live']) {
    expect([path, (await maskline.request('GET', path, {})).headers['x-request-id']]).toEqual([
      path,
      expect.stringMatching(/^[0-9a-f-]{36}$/),
    ]);
  }
});

it.each([
  '+919876543210',
  '919876543210',
  '9-8-7-6-5-4-3-2-1-0',
  'a b',
  'a\u00e9',
  '',
  'x'.repeat(65),
  'id.98765.43210',
])('a request id that may be a phone, or that is no id, is replaced: %j', (given) =>
  expect(requestIdOf({ headers: { 'x-request-id': given } })).toMatch(/^[0-9a-f]{8}-/),
);

it('OpenTelemetry is loaded by one file, and that one only when traces are on', () => {
  const src = join(import.meta.dirname, '../../../src');
  const files = readdirSync(src, { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.ts'));
  const text = (file: string) => readFileSync(join(src, file), 'utf8');
  expect(files.filter((file) => text(file).includes("from '@opentelemetry/"))).toEqual([
    'platform/observability/open-telemetry.ts',
  ]);
  expect(files.filter((file) => /from '.*open-telemetry\.js'/.test(text(file)))).toEqual([]);
});
