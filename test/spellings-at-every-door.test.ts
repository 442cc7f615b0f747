import { OrderIntakeService } from '../src/orders/intake/order-intake.service.js';
import { API_KEY, numbers, TestApp, type Body } from './support/app.js';

/** Ways in which people, apps and networks write one phone of India: its ten digits in two halves. */
const SPELLINGS: Record<string, (a: string, b: string) => string> = {
  'in E.164': (a, b) => `+91${a}${b}`,
  'national, behind a 0': (a, b) => `0${a}${b}`,
  national: (a, b) => `${a}${b}`,
  'behind 00': (a, b) => `0091${a}${b}`,
  'with its code, behind a 0': (a, b) => `091${a}${b}`,
  'with the code in brackets': (a, b) => `(+91) ${a} ${b}`,
  'with spaces around': (a, b) => `  +91 ${a} ${b} `,
  'with marks of direction': (a, b) => `\u202a+91${a}${b}\u202c\u200e`,
  'behind a byte order mark': (a, b) => `\ufeff+91${a}${b}`,
  'in full width': (a, b) => `+91${a}${b}`.replace(/./g, (one) => String.fromCharCode(one.charCodeAt(0) + 0xfee0)),
  'in Devanagari': (a, b) => `${a}${b}`.replace(/\d/g, (digit) => String.fromCharCode(0x966 + Number(digit))),
  'as a tel: URI': (a, b) => `tel:+91-${a}-${b}`,
  'as a tel: URI with a context': (a, b) => `tel:${a}-${b};phone-context=+91;isub=1`,
};

let maskline: TestApp;
let pool: string;
let drawn = 0;
beforeAll(async () => {
  maskline = await TestApp.start();
  pool = await maskline.pool({ capacity: 1_000 }, numbers(4));
});
afterAll(() => maskline?.stop());

const halves = (): [string, string] => ['97111', String((drawn += 1)).padStart(5, '0')];
const anOrder = async (): Promise<Body> =>
  maskline.order(`spelt-${(drawn += 1)}`, `+91${halves().join('')}`, `+91${halves().join('')}`, { pool });

/** Each takes a spelling of a phone, and says whether it was read as that phone. */
const DOORS: Record<string, (spelling: string, phone: string) => Promise<boolean>> = {
  'an order': async (phone, is) => {
    await maskline.api('POST', '/v1/orders', { reference: `spelt-${(drawn += 1)}`, customer: { phone }, pool });
    return isKnown(is);
  },
  'an agent': async (phone, is) => {
    await maskline.api('PUT', `/v1/orders/${(await anOrder()).reference}/agent`, { phone });
    return isKnown(is);
  },
  'a correction': async (phone, is) => {
    await maskline.api('PATCH', `/v1/orders/${(await anOrder()).reference}/participants/customer`, { phone });
    return isKnown(is);
  },
  "a participant's other phone": async (phone, is) => {
    await maskline.api('POST', `/v1/orders/${(await anOrder()).reference}/participants/customer/phones`, { phone });
    return isKnown(is, 'participant_phones');
  },
  'an event': async (phone, is) => {
    const id = `spelt-${(drawn += 1)}`;
    const event = { specversion: '1.0', source: 'spelt', id, type: 'order.placed' };
    const headers = { authorization: `Bearer ${API_KEY}`, 'content-type': 'application/cloudevents-batch+json' };
    const data = { reference: id, customer: { phone }, pool };
    await maskline.request('POST', '/v1/events', headers, JSON.stringify([{ ...event, data }]));
    await maskline.get(OrderIntakeService).applyStored();
    return isKnown(is);
  },
  'an explanation': async (from, is) => {
    const { customer } = await ofCustomer(is);
    const { body } = await maskline.api('POST', '/v1/routing/explain', { from, to: customer.dials });
    return body.decision === 'connect';
  },
  'a call at Exotel': async (From, is) => {
    const { customer } = await ofCustomer(is);
    const query = { CallSid: `spelt${(drawn += 1)}`, From, CallFrom: From, To: customer.dials };
    return (await maskline.exotel('GET', 'connect', query)).body.destination.numbers.length === 1;
  },
  'a call at Twilio': async (From, is) => {
    const { customer } = await ofCustomer(is);
    const call = { CallSid: `CA${String((drawn += 1)).padStart(32, '0')}`, From, To: customer.dials };
    return (await maskline.twilio('voice', call)).text.includes('<Dial');
  },
};

const isKnown = async (phone: string, table = 'participants'): Promise<boolean> =>
  (await maskline.count(table, `phone_key = '\\x${maskline.vault.keyOf(phone as never).toString('hex')}'`)) === 1;
const ofCustomer = (phone: string): Promise<Body> =>
  maskline.order(`spelt-${(drawn += 1)}`, phone, `+91${halves().join('')}`, { pool });

for (const [door, takes] of Object.entries(DOORS)) {
  it(`${door} takes a phone however it is written`, async () => {
    for (const [way, spell] of Object.entries(SPELLINGS)) {
      const [a, b] = halves();
      expect([way, await takes(spell(a, b), `+91${a}${b}`)]).toEqual([way, true]);
    }
  });
}

it('a phone that holds what no phone holds is refused', async () => {
  for (const phone of ['+9197111\u000000001', '97111x0001', '+91971110000112345', '9.7E+9']) {
    const { status } = await maskline.api('POST', '/v1/orders', {
      reference: `bad-${(drawn += 1)}`,
      customer: { phone },
    });
    expect([phone, [400, 422].includes(status)]).toEqual([phone, true]);
  }
});
