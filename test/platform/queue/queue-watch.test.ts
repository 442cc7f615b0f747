import { setTimeout as sleep } from 'node:timers/promises';

import { getQueueToken } from '@nestjs/bullmq';
import type { Queue } from 'bullmq';
import { Client } from 'pg';

import { OrderIntakeProcessor } from '../../../src/orders/intake/order-intake.processor.js';
import { ORDERS_INTAKE } from '../../../src/orders/intake/order-intake.queue.js';
import { OrdersDueProcessor } from '../../../src/orders/lifecycle/orders-due.processor.js';
import { QueueWatch } from '../../../src/platform/queue/queue-watch.js';
import { TestApp, type Body } from '../../support/app.js';
import { CalmTime } from '../../support/calm-time.js';

const TOO_LATE = 'the job was not done within 0.3 s';

let app: TestApp;
let logged: Body[] = [];

beforeAll(async () => {
  app = await TestApp.start({ works: true, logTo: (line) => logged.push(JSON.parse(line)) });
});
afterAll(async () => {
  await app?.stop();
});
beforeEach(() => {
  logged = [];
});

const lines = (message: string) => logged.filter(({ msg }) => msg === message);
const metric = async (line: string) => {
  const { text } = await app.api('GET', '/metrics');
  return Number(
    text
      .split('\n')
      .find((one) => one.startsWith(line))
      ?.split(' ')
      .at(-1),
  );
};

it('a job that is not done by its deadline fails, is logged and counted, and its queue goes on', async () => {
  Object.assign(app.get(OrdersDueProcessor), { deadlineMs: 300 });
  const failed = 'maskline_jobs_failed_total{queue="orders.due"}';
  const completed = 'maskline_job_seconds_count{queue="orders.due"}';
  const tooLate = () =>
    lines('job failed').filter(({ queue, err }) => queue === 'orders.due' && err.message === TOO_LATE);
  const somebody = new Client({ connectionString: app.database.url });
  await somebody.connect();
  try {
    await somebody.query('BEGIN');
    await somebody.query('LOCK TABLE orders IN ACCESS EXCLUSIVE MODE');
    await until(async () => tooLate().length > 0);
    const counted = await metric(failed);
    await until(async () => (await metric(failed)) > counted);
  } finally {
    await somebody.end();
  }
  expect(tooLate()).toEqual([expect.objectContaining({ attempt: 1, attemptsLeft: 0 })]); // logged once in ten seconds
  const before = (await metric(completed)) || 0;
  Object.assign(app.get(OrdersDueProcessor), { deadlineMs: 60_000 });
  await until(async () => (await metric(completed)) > before);
});

it('a queue that has not run for a minute is named by log, metrics and readiness, until it runs again', async () => {
  const { worker } = app.get(OrderIntakeProcessor);
  const watch = app.get(QueueWatch);
  await worker.pause();
  const queue = app.get<Queue>(getQueueToken(ORDERS_INTAKE) as never);
  await queue.add('apply', {}, { timestamp: Date.now() - 61_000 });
  await watch.look();
  await until(async () => lines('queues not running').some(({ queues }) => queues.includes(ORDERS_INTAKE)));
  expect(await metric(`maskline_queue_overdue_seconds{queue="${ORDERS_INTAKE}"}`)).toBeGreaterThan(60);
  expect(await metric(`maskline_queue_oldest_waiting_seconds{queue="${ORDERS_INTAKE}"}`)).toBeGreaterThan(60);
  const { status, body } = await app.request('GET', '/health/ready', {});
  expect({ status, queues: body.checks.queues }).toEqual({ status: 503, queues: `not running: ${ORDERS_INTAKE}` });

  await worker.resume();
  await until(async () => lines('queues running again').some(({ queues }) => queues.includes(ORDERS_INTAKE)));
  expect((await app.request('GET', '/health/ready', {})).status).toBe(200);
});

async function until(isSo: () => Promise<boolean>): Promise<void> {
  for (const waited = new CalmTime(); waited.ms < 20_000; await sleep(50)) {
    if (await isSo()) return;
  }
  throw new Error('It did not come within 20 s.');
}
