import { OrdersDueService } from '../../../src/orders/lifecycle/orders-due.service.js';
import { aPhone, numbers, TestApp, type Answer } from '../../support/app.js';
import { expectConservedNumbers } from '../../support/conserved-numbers.js';

let app: TestApp;
beforeAll(async () => {
  app = await TestApp.start();
});
afterAll(async () => {
  await app?.stop();
});
afterEach(() => expectConservedNumbers(app.dataSource));

let placed = 0;
const aReference = () => `race-${(placed += 1)}`;
const place = (reference: string, phone: string, pool: string) =>
  app.api('POST', '/v1/orders', { reference, customer: { phone }, pool });
const assign = (reference: string, phone: string) => app.api('PUT', `/v1/orders/${reference}/agent`, { phone });
const complete = (reference: string) => app.api('POST', `/v1/orders/${reference}/complete`);
const cancel = (reference: string) => app.api('POST', `/v1/orders/${reference}/cancel`);
const find = async (reference: string) => (await app.api('GET', `/v1/orders/${reference}`)).body;
const times = <T>(count: number, work: (index: number) => T): T[] => Array.from({ length: count }, (_, i) => work(i));
const statuses = (answers: readonly Answer[]) => answers.map(({ status }) => status).sort();

async function placedOrders(count: number, pool: string): Promise<string[]> {
  const references = times(count, aReference);
  await Promise.all(references.map((reference) => place(reference, aPhone(), pool)));
  return references;
}

async function eventsOf(reference: string): Promise<string[]> {
  const { events } = (await app.api('GET', `/v1/orders/${reference}/events`)).body;
  return events.map((event: { kind: string }) => event.kind);
}

describe('one agent put on many orders at once', () => {
  it.each([
    ['exclusive', 1, 64],
    ['shared', 32, 32],
  ])('gets them all from a %s pool that is barely large enough, each by another number', async (_, capacity, count) => {
    const pool = await app.pool({ capacity }, numbers(count));
    const references = await placedOrders(32, pool);
    const agent = aPhone();
    const answers = await Promise.all(references.map((reference) => assign(reference, agent)));

    expect(new Set(statuses(answers))).toEqual(new Set([200]));
    expect(new Set(answers.map(({ body }) => body.agent.dials)).size).toBe(32);
    for (const { body } of answers) expect(body.customer.dials).not.toBe(body.agent.dials);
    expect((await app.api('GET', `/v1/pools/${pool}`)).body.level.ordersHeld).toBe(64);
    for (const { body } of answers.slice(0, 5)) {
      expect((await app.call(agent, body.agent.dials)).shows).toBe(body.customer.dials);
    }
  });

  it('leaves exactly those without that no number is left for', async () => {
    const pool = await app.pool({}, numbers(20));
    const references = await placedOrders(16, pool);
    const answers = await Promise.all(references.map((reference) => assign(reference, aPhone())));
    expect(statuses(answers).filter((status) => status === 200).length).toBeGreaterThanOrEqual(10);
    expect(new Set(statuses(answers))).toEqual(new Set([200, 202]));
    expect((await app.api('GET', `/v1/pools/${pool}`)).body.level.assignable).toBe(0);
  });
});

describe('one order', () => {
  it('that several put the same agent on has that agent once, and each is told the same', async () => {
    const pool = await app.pool({}, numbers(2));
    const [reference] = (await placedOrders(1, pool)) as [string];
    const agent = aPhone();
    const answers = await Promise.all(times(12, () => assign(reference, agent)));
    for (const answer of answers) expect(answer).toMatchObject({ status: 200, body: answers[0]!.body });
    expect(await eventsOf(reference)).toEqual(['order.placed', 'order.agent-assigned']);
  });

  it('that two put different agents on ends with one of them, and the other reaches nobody', async () => {
    const pool = await app.pool({}, numbers(4));
    for (const reference of await placedOrders(6, pool)) {
      const agents = [aPhone(), aPhone()];
      const answers = await Promise.all(agents.map((agent) => assign(reference, agent)));
      expect(statuses(answers)).toEqual([200, 200]);
      const order = await find(reference);
      const reached = await Promise.all(agents.map((agent) => app.call(agent, order.agent.dials)));
      expect(reached.filter(({ rings }) => rings.length === 1)).toHaveLength(1);
      expect(await eventsOf(reference)).toEqual(['order.placed', 'order.agent-assigned', 'order.agent-replaced']);
      expect(
        await app.count(
          'assignments',
          `released_at IS NULL AND order_id =
        (SELECT id FROM orders WHERE reference = '${reference}')`,
        ),
      ).toBe(2);
      await cancel(reference);
    }
  });

  it('that is placed by many at once is placed once', async () => {
    const pool = await app.pool();
    const [reference, customer] = [aReference(), aPhone()];
    const answers = await Promise.all(times(16, () => place(reference, customer, pool)));
    expect(statuses(answers)).toEqual([...times(15, () => 200), 201]);
    expect(await eventsOf(reference)).toEqual(['order.placed']);
    expect(await app.count('participants', `order_id = (SELECT id FROM orders WHERE reference = '${reference}')`)).toBe(
      1,
    );
  });

  it('that is placed by many with different customers is that of one of them', async () => {
    const pool = await app.pool();
    const reference = aReference();
    const answers = await Promise.all(times(8, () => place(reference, aPhone(), pool)));
    expect(statuses(answers)).toEqual([201, ...times(7, () => 409)]);
  });

  it('that is completed while its agent is replaced is over, with nobody left in between', async () => {
    const pool = await app.pool({ graceSeconds: 0 }, numbers(6));
    for (const reference of await placedOrders(8, pool)) {
      await assign(reference, aPhone());
      const [replaced, completed] = await Promise.all([assign(reference, aPhone()), complete(reference)]);
      expect([200, 409]).toContain(replaced.status);
      expect(completed).toMatchObject({ status: 200, body: { status: 'ended' } });
      expect(await find(reference)).toMatchObject({
        status: 'ended',
        customer: { dials: null },
        agent: { dials: null },
      });
      expect(
        await app.count(
          'assignments',
          `released_at IS NULL AND order_id =
        (SELECT id FROM orders WHERE reference = '${reference}')`,
        ),
      ).toBe(0);
    }
    expect((await app.api('GET', `/v1/pools/${pool}`)).body.level.ordersHeld).toBe(0);
  });

  it('that is completed and cancelled at once ends in one way', async () => {
    const pool = await app.pool({ graceSeconds: 60, cancelGraceSeconds: 0 }, numbers(2));
    const [reference] = (await placedOrders(1, pool)) as [string];
    await assign(reference, aPhone());
    const answers = await Promise.all([complete(reference), cancel(reference), complete(reference), cancel(reference)]);
    expect(new Set(answers.map(({ body }) => JSON.stringify(body))).size).toBe(1);
    expect((await eventsOf(reference)).filter((kind) => /completed|cancelled/.test(kind))).toHaveLength(1);
  });
});

describe('a busy hour on a small shared pool', () => {
  it('loses no number and answers nothing with 500, while orders come, change agents, end and expire', async () => {
    const pool = await app.pool(
      { capacity: 4, graceSeconds: 0, cancelGraceSeconds: 0, quarantineSeconds: 0, lifetimeSeconds: 30 },
      numbers(6),
    );
    const agents = times(5, aPhone);
    const customers = times(5, aPhone);
    const answers: Answer[] = [];
    const one = async (index: number) => {
      const reference = aReference();
      answers.push(await place(reference, customers[index % 5]!, pool));
      answers.push(await assign(reference, agents[index % 5]!));
      answers.push(await assign(reference, agents[(index + 1) % 5]!));
      if (index % 3 === 0) answers.push(await complete(reference));
      if (index % 3 === 1) answers.push(await cancel(reference));
      if (index % 4 === 0) await app.pass({ seconds: 10 });
      if (index % 8 === 0) answers.push(await app.api('PATCH', `/v1/pools/${pool}`, { capacity: 3 + (index % 3) }));
    };
    const waiting = times(60, (index) => index);
    await Promise.all(
      times(12, async () => {
        for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) await one(next);
      }),
    );
    expect(answers.filter(({ status }) => ![200, 201, 202, 409].includes(status)).map(({ text }) => text)).toEqual([]);
    await expectConservedNumbers(app.dataSource);
    app.clock.push({ minutes: 5 });
    await Promise.all(times(3, () => app.get(OrdersDueService).endWhatIsDue()));
    expect((await app.api('GET', `/v1/pools/${pool}`)).body.level.ordersHeld).toBe(0);
  });
});
