import { execFile, execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';

import { parse, stringify } from 'yaml';

import { OrderEventDeliveryService } from '../../src/orders/feed/order-event-delivery.service.js';
import { VERSION } from '../../src/platform/observability/version.js';
import { PoolsService } from '../../src/virtual-numbers/pools/pools.service.js';
import { API_KEY, numbers, TestApp } from '../support/app.js';
import { databasesFolder } from '../support/databases-folder.js';

const root = join(import.meta.dirname, '../..');
const text = (file: string) => readFileSync(join(root, file), 'utf8');
const ALERTS = 'deploy/prometheus/alerts.yml';

interface Rule {
  readonly alert: string;
  readonly expr: string;
  readonly annotations: { readonly runbook_url: string };
}
const rules: readonly Rule[] = parse(text(ALERTS)).groups.flatMap(({ rules: own }: { rules: Rule[] }) => own);

interface Panel {
  readonly targets?: readonly { readonly expr: string }[];
}
const dashboard = JSON.parse(text('deploy/grafana/maskline.dashboard.json')) as { panels: Panel[] };
const shown = dashboard.panels.flatMap(({ targets = [] }) => targets.map(({ expr }) => expr));

const promtool = spawns('promtool');

let folder: string;
let maskline: TestApp;
let orderSystem: Server;

/** Whether the order system acknowledges events. */
let listens = false;

beforeAll(async () => {
  orderSystem = createServer((request, response) => {
    request.resume().on('end', () => response.writeHead(listens ? 204 : 500).end());
  });
  await new Promise<void>((resolve) => orderSystem.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(orderSystem.address() as AddressInfo).port}/`;
  const secret = Buffer.alloc(32, 7).toString('base64');
  folder = await mkdtemp(join(databasesFolder(), 'maskline-monitoring-'));
  maskline = await TestApp.start({ orderEvents: { url, secret }, replicaDir: join(folder, 'replica') });
});
afterAll(async () => {
  await maskline?.stop();
  orderSystem?.close();
  await rm(folder, { recursive: true, force: true });
});

async function scrape(): Promise<string> {
  return (await maskline.request('GET', '/metrics', { authorization: `Bearer ${API_KEY}` })).text;
}

/** The value of a sample; null if it is missing. */
function valueOf(scraped: string, name: string, labels: Record<string, string> = {}): number | null {
  const line = scraped
    .split('\n')
    .find(
      (one) =>
        new RegExp(`^${name}[{ ]`).test(one) &&
        Object.entries(labels).every(([label, value]) => one.includes(`${label}="${value}"`)),
    );
  return line === undefined ? null : Number(line.split(' ').at(-1));
}

it('every metric of the alerts and the dashboard is one that a process has', async () => {
  const typed = [...(await scrape()).matchAll(/^# TYPE (\w+) (\w+)$/gm)];
  const known = new Set(
    typed.flatMap(([, name, type]) =>
      type === 'histogram' ? ['_bucket', '_count', '_sum'].map((end) => name + end) : [name!],
    ),
  );
  const used = [...rules, ...shown.map((expr) => ({ expr }))].flatMap(({ expr }) =>
    [...expr.matchAll(/\b(?:maskline|http|process|nodejs)_\w+/g)].map(([name]) => name),
  );
  expect(used.length).toBeGreaterThan(50);
  expect(used.filter((name) => !known.has(name))).toEqual([]);
});

it('every alert leads to its row in the operations guide', () => {
  const anchors = [...text('docs/operate.md').matchAll(/<a id="([\w-]+)">/g)].map(([, id]) => `docs/operate.md#${id}`);
  expect(rules.map(({ annotations }) => annotations.runbook_url).toSorted()).toEqual(anchors.toSorted());
});

it.skipIf(!promtool)('promtool accepts the alert rules, and each fires on its sign', async () => {
  const run = async (...args: string[]) =>
    promisify(execFile)('promtool', args, { cwd: join(root, 'deploy/prometheus') });
  await run('check', 'rules', 'alerts.yml');
  await run('check', 'config', '--syntax-only', 'prometheus.yml');
  await run('test', 'rules', 'alerts.test.yml');
  const tested = parse(text('deploy/prometheus/alerts.test.yml')).tests.map(({ name }: { name: string }) => name);
  expect(tested).toEqual(rules.map(({ alert }) => alert));
});

it.skipIf(!promtool)('promtool accepts the dashboard, when Grafana has filled its variables in', async () => {
  const exprs = shown.map((expr) => expr.replaceAll('$__rate_interval', '5m').replaceAll('$job', 'maskline'));
  const groups = [{ name: 'dashboard', rules: exprs.map((expr, at) => ({ record: `panel:${at}`, expr })) }];
  const file = join(folder, 'dashboard.rules.yml');
  await writeFile(file, stringify({ groups }));
  const { stdout } = await promisify(execFile)('promtool', ['check', 'rules', '--lint=none', file]);
  expect(stdout).toContain(`${exprs.length} rules found`);
});

it.skipIf(!promtool)("the metrics keep Prometheus' conventions of names", async () => {
  const own = (await scrape()).replace(/^(# (HELP|TYPE) )?(nodejs|process)_.*\n/gm, '');
  const checking = promisify(execFile)('promtool', ['check', 'metrics']);
  checking.child.stdin!.end(own);
  expect((await checking).stderr).toBe('');
});

it('a request is counted by its route, never by its path', async () => {
  await maskline.api('GET', '/v1/orders/no-such-order');
  await maskline.request('GET', '/hooks/exotel/guessed-secret/connect?From=%2B919876543210', {});
  await maskline.request('GET', '/no/such/path/+919876543210', {});
  const scraped = await scrape();
  const requests = (labels: Record<string, string>) => valueOf(scraped, 'http_request_duration_seconds_count', labels);
  expect(requests({ method: 'GET', route: '/v1/orders/:reference', status: '404' })).toBe(1);
  expect(requests({ route: '/hooks/exotel/:secret/connect', status: '404' })).toBe(1);
  expect(requests({ route: 'none', status: '404' })).toBe(1);
  expect(scraped).not.toMatch(/no-such-order|guessed|9876543210/);
});

it('the metrics say what an operator plans with: version, connections, spending and its limit, the age of what the webhook has not taken', async () => {
  const pool = await maskline.pool(
    { currency: 'INR', maxSpendPerDay: 500, maxNumbers: 90, lowWater: 0, target: 0 },
    numbers(2),
  );
  const before = await scrape();
  expect(valueOf(before, 'maskline_build_info', { version: VERSION })).toBe(1);
  expect(valueOf(before, 'maskline_database_connections_limit', { use: 'calls' })).toBe(8);
  expect(valueOf(before, 'maskline_database_connections', { use: 'requests', state: 'in_use' })).not.toBeNull();
  expect(valueOf(before, 'maskline_database_connections_waiting', { use: 'requests' })).toBe(0);
  expect(valueOf(before, 'maskline_pool_numbers_limit', { pool })).toBe(90);
  expect(valueOf(before, 'maskline_pool_spend_limit', { pool, currency: 'INR', period: 'day' })).toBe(500);
  expect(valueOf(before, 'maskline_pool_spend_limit', { pool, period: 'month' })).toBeNull();
  expect(valueOf(before, 'maskline_pool_spend', { pool, period: 'day' })).toBe(0);
  const { id } = await maskline.get(PoolsService).byName(pool);
  await maskline.dataSource.query(
    `INSERT INTO number_purchases (number, pool_id, provider, state, rent, currency, wanted_at, ordered_at)
     VALUES ('+918047000991', $1, 'exotel', 'ordered', 120, 'INR', $2, $2)`,
    [id, maskline.clock.now()],
  );

  const delivery = maskline.get(OrderEventDeliveryService);
  await delivery.deliver(); // a new webhook hears of what comes from now on
  expect(valueOf(await scrape(), 'maskline_order_event_lag_seconds')).toBe(0);
  await maskline.order('lagging', '+919000000011', '+919000000012', { pool });
  maskline.clock.push({ seconds: 40 });
  expect(valueOf(await scrape(), 'maskline_order_event_lag_seconds')).toBeCloseTo(40, -1);
  await delivery.deliver(); // is refused
  maskline.clock.push({ seconds: 40 });
  const behind = await scrape();
  expect(valueOf(behind, 'maskline_order_event_lag_seconds')).toBeCloseTo(80, -1);
  expect(valueOf(behind, 'maskline_pool_spend', { pool, period: 'day' })).toBe(120);
  listens = true;
  await delivery.deliver();
  expect(valueOf(await scrape(), 'maskline_order_event_lag_seconds')).toBe(0);
});

function spawns(program: string): boolean {
  try {
    execFileSync(program, ['--version'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}
