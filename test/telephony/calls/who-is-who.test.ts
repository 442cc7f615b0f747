import { aPhone, numbers, TestApp } from '../../support/app.js';
import { anOrder, caller, participant, problem } from '../calling.js';

/** What an expert expects of calls in odd cases. A test is named after its case, and what happens then. */

let maskline: TestApp;
let call: ReturnType<typeof caller>;
beforeAll(async () => {
  maskline = await TestApp.start();
  call = caller(maskline);
});
afterAll(() => maskline.stop());

describe('who is who', () => {
  it('Two orders, same two people: the later call goes to the order whose number was dialled', async () => {
    const first = await anOrder(maskline, { owned: numbers(8) });
    const second = await maskline.order(`two-${first.reference}`, first.customer, first.agent, { pool: first.pool });
    const dialled = [first.customerDials, first.agentDials, second.customer.dials, second.agent.dials];
    expect(new Set(dialled).size).toBe(4);
    expect(await call(first.customer, second.customer.dials)).toMatchObject({ shownNumber: second.agent.dials });
    expect(await call(first.customer, first.customerDials)).toMatchObject({ shownNumber: first.agentDials });
  });

  it('One person is customer in one order and agent in another: the role comes from the order', async () => {
    const first = await anOrder(maskline, { owned: numbers(8) });
    const other = aPhone();
    const second = await maskline.order(`roles-${first.reference}`, first.agent, other, { pool: first.pool });
    expect(await call(first.agent, second.customer.dials)).toMatchObject({ callee: other });
    expect(await call(first.agent, first.agentDials)).toMatchObject({ callee: first.customer });
  });

  it('Same number registered by two people (family phone): each order has numbers of its own, and both ring that phone', async () => {
    const first = await anOrder(maskline, { owned: numbers(8) });
    const agent = aPhone();
    const second = await maskline.order(`family-${first.reference}`, first.customer, agent, { pool: first.pool });
    expect(second.customer.dials).not.toBe(first.customerDials);
    expect(await call(first.agent, first.agentDials)).toMatchObject({ callee: first.customer });
    expect(await call(agent, second.agent.dials)).toMatchObject({ callee: first.customer });
  });

  it('Participant dials the number that stands for itself: SELF_CALL, from an alternate phone too', async () => {
    const order = await anOrder(maskline);
    const other = aPhone();
    await participant(maskline, order.reference, 'customer').declare(other);
    for (const phone of [order.customer, other]) {
      expect(await call(phone, order.agentDials)).toEqual({ decision: 'refuse', reason: 'SELF_CALL' });
    }
  });

  it('A real number that is one of our own: refused when the order is made', async () => {
    const { customerDials } = await anOrder(maskline);
    const placed = await maskline.api('POST', '/v1/orders', { reference: 'ours', customer: { phone: customerDials } });
    expect(problem(placed)).toBe('422 /problems/unusable-phone');
  });

  it('Caller is another number of ours: LOOP', async () => {
    const [one, other] = [await anOrder(maskline), await anOrder(maskline, { pin: 'unknown-callers' })];
    expect(await call(one.agentDials, one.customerDials)).toMatchObject({ reason: 'LOOP' });
    expect(await call(one.agentDials, other.customerDials)).toMatchObject({ reason: 'LOOP' });
  });
});
