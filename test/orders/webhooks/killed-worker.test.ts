import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';

import { WebhookDeliveryService } from '../../../src/orders/webhooks/webhook-delivery.service.js';
import { aPhone, TestApp } from '../../support/app.js';
import { eventually } from '../../support/eventually.js';
import { LiveClock } from '../../support/live-clock.js';
import { PushableClock } from '../../support/pushable-clock.js';
import { freshDatabase, type FreshDatabase } from '../../support/database.js';
import { WebhookReceiver } from '../../support/webhook-receiver.js';

let database: FreshDatabase;
let maskline: TestApp;
let receiver: WebhookReceiver;
let worker: ChildProcess;

beforeAll(async () => {
  database = await freshDatabase({ lockTimeoutMs: 0 });
  receiver = await WebhookReceiver.start();
  maskline = await TestApp.start({ database, clock: new PushableClock(new LiveClock().now()) });
  worker = fork('dist/test/faults/working-process.js', [database.url, maskline.exchange.url, ''], { execArgv: [] });
  await once(worker, 'message');
});
afterAll(async () => {
  worker?.kill('SIGKILL');
  await maskline?.stop();
  await receiver?.stop();
  await database?.drop();
});

it('what a worker had sent when it was killed is sent again with the same id, and the rest after it', async () => {
  const { body } = await maskline.api('POST', '/v1/webhook-endpoints', { url: receiver.url });
  const pool = await maskline.pool({}, []);
  receiver.answer = 'later';
  await maskline.order('killed-1', aPhone(), undefined, { pool });
  await eventually(() => receiver.received.length === 1, 60_000);
  await maskline.order('killed-2', aPhone(), undefined, { pool });
  const gone = once(worker, 'exit');
  worker.kill('SIGKILL');
  await gone;
  receiver.answer = 204;
  const delivery = maskline.get(WebhookDeliveryService);
  maskline.clock.push({ minutes: 10 }); // behind the end of the claim
  await delivery.begin();
  await delivery.settled();
  const events = receiver.events(body.secret).filter(({ type }) => type === 'order.placed');
  expect(events.map(({ subject }) => subject)).toEqual(['killed-1', 'killed-1', 'killed-2']);
  expect(receiver.ids[1]).toBe(receiver.ids[0]);
});
