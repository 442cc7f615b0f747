import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';

import { aPhone, numbers, TestApp, type Body } from '../../support/app.js';
import type { FreshDatabase } from '../../support/database.js';
import { RunningQueues } from '../../support/running-queues.js';
import { CalmTime } from '../../support/calm-time.js';

export const LIFETIME_SECONDS = 600;
/** As in production: BullMQ may wait forever for a backend that was away. */
const CLOSED_WITHIN_MS = 10_000;

/** An application whose queues run on a backend that the test breaks, and the order system that it tells. */
export class FaultyQueues {
  app: TestApp;
  queues: RunningQueues;
  /** What the order system was told and the application logged since the last `forget()`. */
  readonly told: Body[] = [];
  private readonly logged: string[] = [];
  private placed = 0;

  private readonly orderSystem = createServer(async (request, response) => {
    let body = '';
    for await (const part of request) body += part;
    this.told.push(...JSON.parse(body));
    response.end();
  });

  async start(options: { redisUrl: string | null; database?: FreshDatabase }): Promise<void> {
    await new Promise<void>((resolve) => this.orderSystem.listen(0, '127.0.0.1', resolve));
    const { port } = this.orderSystem.address() as AddressInfo;
    const orderEvents = { url: `http://127.0.0.1:${port}/`, secret: `whsec_${Buffer.alloc(32, 7).toString('base64')}` };
    const started = Date.now();
    this.app = await TestApp.start({ ...options, works: true, orderEvents, logTo: (line) => this.logged.push(line) });
    this.queues = new RunningQueues(this.app);
    await this.app.pool({ name: 'short', lifetimeSeconds: LIFETIME_SECONDS, graceSeconds: 0 }, numbers(4));
    await this.queues.runAgain(started, 60_000);
  }

  async stop(): Promise<void> {
    await this.app?.stop({ closedWithinMs: CLOSED_WITHIN_MS });
    this.orderSystem.close();
  }

  forget(): void {
    this.told.length = this.logged.length = 0;
  }

  aReference(): string {
    return `fault-${(this.placed += 1)}`;
  }

  async anActiveOrder(): Promise<string> {
    const reference = this.aReference();
    const order = await this.app.order(reference, aPhone(), aPhone(), { pool: 'short' });
    expect(order.status).toBe('active');
    return reference;
  }

  /** What was due meanwhile is done: the order ends, and the order system is told. */
  async isDealtWith(reference: string): Promise<void> {
    this.app.clock.push({ seconds: LIFETIME_SECONDS + 1 });
    await until(async () => (await this.app.api('GET', `/v1/orders/${reference}`)).body?.status === 'ended');
    await until(async () => this.told.some((event) => JSON.stringify(event).includes(reference)));
  }

  async isReady(): Promise<boolean> {
    return (await this.readiness()).status === 200;
  }

  isLogged(...words: string[]): boolean {
    return this.logged.some((line) => words.every((word) => line.includes(word)));
  }

  /** The sum over all labels, or over those that `name` brings. */
  async metric(name: string): Promise<number> {
    const { text } = await this.app.api('GET', '/metrics');
    const lines = text.split('\n').filter((line) => line.startsWith(name));
    return lines.reduce((sum, line) => sum + Number(line.split(' ').at(-1)), 0);
  }

  /** While it lasts, whoever looks at readiness, at a metric or into the log is told, in these words. */
  async isTold(wrong: string): Promise<void> {
    await until(async () => (await this.readiness()).body.checks?.queues.includes(wrong) === true, 20_000);
    expect((await this.readiness()).status).toBe(503);
    await until(async () => this.isLogged('readiness check failed', '"check":"queues"', wrong));
    expect(await this.metric('maskline_ready{check="queues"}')).toBe(0);
  }

  async isOver(): Promise<void> {
    await until(() => this.isReady());
    await until(async () => (await this.metric('maskline_ready{check="queues"}')) === 1);
    await until(async () => this.isLogged('readiness check recovered', '"check":"queues"'));
  }

  private async readiness() {
    return this.app.request('GET', '/health/ready', {});
  }
}

export async function until(isSo: () => Promise<boolean>, withinMs = 15_000): Promise<void> {
  for (const waited = new CalmTime(); waited.ms < withinMs; await sleep(100)) {
    if (await isSo()) return;
  }
  throw new Error(`It did not come within ${withinMs / 1000} s.`);
}
