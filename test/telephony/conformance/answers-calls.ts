import type { TestApp } from '../../support/app.js';
import type { Adapter, Answered, Fields } from './adapters.js';
import { CalmTime } from '../../support/calm-time.js';

let orders = 0;

/** An order of the adapter's country, whose customer dials `dials` and so reaches the agent. */
async function anOrder(app: TestApp, { name, country, aPhone, aNumber }: Adapter) {
  const pool = await app.pool({ country, provider: name }, [aNumber(), aNumber()]);
  const [customer, agent] = [aPhone(), aPhone()];
  const reference = `${name}-${(orders += 1)}`;
  const order = await app.order(reference, customer, agent, { pool });
  return { reference, customer, agent, dials: order.customer.dials as string, shown: order.agent.dials as string };
}

const expectNobodyRung = (answered: Answered, agent: string) => {
  expect(answered).toMatchObject({ status: 200, isValid: true, rings: [] });
  expect(answered.text).not.toContain(agent.slice(1));
};

/** What holds of a call to a number of any provider, whichever way it asks. To be called within a `describe`. */
export function answersCalls(adapter: Adapter, running: () => TestApp): void {
  const { aCallId, call } = adapter;
  const ask = (fields: Fields) => adapter.ask(running(), fields);
  const end = (callId: string, outcome: 'completed' | 'busy') => adapter.end(running(), callId, outcome);
  const interactions = async (reference: string) =>
    (await running().api('GET', `/v1/orders/${reference}/interactions`)).body.interactions;

  it('that comes three times at once hears one answer, and is one interaction', async () => {
    const { reference, customer, agent, dials, shown } = await anOrder(running(), adapter);
    const fields = call(aCallId(), customer, dials);
    const answers = await Promise.all([ask(fields), ask(fields), ask(fields)]);
    for (const answer of answers) expect(answer).toMatchObject({ status: 200, rings: [agent], shows: shown });
    expect(await interactions(reference)).toHaveLength(1);
  });

  it('whose end comes first, twice, and weaker afterwards, ends as it did', async () => {
    const { reference, customer, dials } = await anOrder(running(), adapter);
    const callId = aCallId();
    await end(callId, 'completed');
    await ask(call(callId, customer, dials));
    await end(callId, 'busy');
    expect(await end(callId, 'completed')).toBe(200);
    expect(await interactions(reference)).toMatchObject([
      { decision: 'connect', outcome: 'completed', talkSeconds: 20 },
    ]);
  });

  it('with fields that nobody knows connects all the same', async () => {
    const { customer, agent, dials } = await anOrder(running(), adapter);
    const fields = {
      ...call(aCallId(), customer, dials),
      Brand: 'new',
      Empty: '',
      Repeated: ['a', 'b'],
      StirVerstat: 'x',
    };
    expect((await ask(fields)).rings).toEqual([agent]);
  });

  it('that lacks any one of its fields is answered, and rings the callee or nobody', async () => {
    const { customer, agent, dials } = await anOrder(running(), adapter);
    for (const missing of Object.keys(call('', customer, dials))) {
      const { [missing]: _left, ...fields } = call(aCallId(), customer, dials);
      const answered = await ask(fields);
      expect([missing, answered.status, answered.isValid]).toEqual([missing, 200, true]);
      expect([[agent], []]).toContainEqual(answered.rings);
    }
    const nothing = await ask({});
    expectNobodyRung(nothing, agent);
  });

  it.each(Object.entries(adapter.spellings))('whose caller is written %s connects', async (_spelling, spell) => {
    const { customer, agent, dials } = await anOrder(running(), adapter);
    const fields: Fields = call(aCallId(), customer, dials);
    for (const field of adapter.callerFields) fields[field] = spell(customer);
    expect((await ask(fields)).rings).toEqual([agent]);
  });

  it.each(adapter.withheld)('of the caller "%s" is one of nobody we know', async (caller) => {
    const { reference, agent, dials } = await anOrder(running(), adapter);
    expectNobodyRung(await ask(call(aCallId(), caller, dials)), agent);
    expect(await interactions(reference)).toMatchObject([{ decision: 'refuse', reason: 'CLI_WITHHELD' }]);
  });

  it('is refused in a valid answer, within what any provider waits, when the database is slow', async () => {
    const { customer, agent, dials } = await anOrder(running(), adapter);
    const slow = running().dataSource.createQueryRunner();
    await slow.connect();
    await slow.startTransaction();
    await slow.query('LOCK TABLE interactions IN ACCESS EXCLUSIVE MODE');
    const waited = new CalmTime();
    const asked = performance.now();
    const answered = await ask(call(aCallId(), customer, dials));
    const [waitedMs, calmMs] = [performance.now() - asked, waited.ms];
    await slow.rollbackTransaction();
    await slow.release();
    expectNobodyRung(answered, agent);
    expect(waitedMs).toBeGreaterThan(1_500);
    expect(calmMs).toBeLessThan(4_500);
  });

  it.each<[string, string]>([
    ['very long', '9'.repeat(5_000)],
    ['a NUL', '\u0000'],
    ['SQL', `'; DROP TABLE orders; --`],
    ['markup', '</Say><Dial>+14155550100</Dial><Say>'],
    ['JSON', '{"destination":{"numbers":["+919000000009"]}}'],
    ['other digits', '٠٩٠٠٠٠٠٠٠٠١'],
    ['a line break', '+919000000001\r\nX-Injected: 1'],
    ['a lone surrogate', '\ud800'],
    ['nothing but spaces', ' '.repeat(40)],
  ])('with hostile values (%s) is answered, and rings nobody', async (_what, hostile) => {
    const { customer, agent, dials } = await anOrder(running(), adapter);
    for (const field of Object.keys(call('', customer, dials))) {
      const fields = { ...call(aCallId(), adapter.aPhone(), dials), [field]: hostile };
      const { status, isValid, rings } = await ask(fields);
      expect([field, status, isValid, rings]).toEqual([field, 200, true, []]);
    }
    const hostileNames = {
      ...call(aCallId(), customer, dials),
      ['__proto__']: hostile,
      constructor: hostile,
      'a[b][c]': hostile,
    };
    const { status, rings } = await ask(hostileNames);
    expect([status, rings]).toEqual([200, [agent]]);
  });
}
