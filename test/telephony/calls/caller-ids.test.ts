import { TestApp } from '../../support/app.js';
import { anOrder, caller, connect } from '../calling.js';

/** What an expert expects of calls in odd cases. A test is named after its case, and what happens then. */

let maskline: TestApp;
let call: ReturnType<typeof caller>;
beforeAll(async () => {
  maskline = await TestApp.start();
  call = caller(maskline);
});
afterAll(() => maskline.stop());

describe('caller IDs', () => {
  it.each(['', 'anonymous', 'restricted', '+266696687', '12345', '99', '4420794', '00', 'null', '+91'])(
    'Withheld, malformed, short or foreign-format caller ID (%j): the ladder, and never matched by its end',
    async (from) => {
      const open = await anOrder(maskline);
      expect((await connect(maskline, from, open.customerDials)).rings).toEqual([]);
      const asking = await anOrder(maskline, { pin: 'unknown-callers' });
      expect(await connect(maskline, from, asking.customerDials)).toEqual({ rings: [], reason: 'PIN_REQUIRED' });
    },
  );

  it('is not matched by its end: the last eight digits of a participant are a stranger', async () => {
    const { customer, customerDials } = await anOrder(maskline);
    expect((await connect(maskline, customer.slice(-8), customerDials)).rings).toEqual([]);
  });

  it.each([
    ['national', (phone: string) => phone.replace('+91', '0')],
    ['without its 0', (phone: string) => phone.replace('+91', '')],
    ['bare', (phone: string) => phone.slice(1)],
    ['+0', (phone: string) => phone.replace('+91', '+0')],
    ['00', (phone: string) => phone.replace('+', '00')],
    ['a plus that became a space', (phone: string) => phone.replace('+', ' ')],
  ])('Operator changed the caller ID (%s): normalised by the country of the number', async (_, spelt) => {
    const { customer, agent, customerDials } = await anOrder(maskline);
    expect((await connect(maskline, spelt(customer), spelt(customerDials))).rings).toEqual([agent]);
  });

  it('Spoofed caller ID: a pool may ask everybody for the PIN', async () => {
    const order = await anOrder(maskline, { pin: 'always' });
    expect(await call(order.customer, order.customerDials)).toMatchObject({ decision: 'ask-pin' });
  });
});
