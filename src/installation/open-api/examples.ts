import type { OrderResponse } from '../../orders/views/orders.dto.js';
import type { OrderedCallResponse } from '../../telephony/outgoing/outgoing-calls.dto.js';

/** A response as JSON. */
type Json<T> = T extends string
  ? string
  : T extends Date
    ? string
    : T extends object
      ? { readonly [Key in keyof T]: Json<T[Key]> }
      : T;

type OrderExample = Json<OrderResponse>;

/** What one example shows. A function changes the example that is made of the schema's own. */
export interface NamedExample {
  readonly summary: string;
  // oxlint-disable-next-line typescript/no-explicit-any -- examples have every shape
  readonly value: object | ((made: any) => object);
}
type Examples = Readonly<Record<string, NamedExample>>;

const CUSTOMER_DIALS = '+918047000001';
const AGENT_DIALS = '+918047000002';

const PLACED: OrderExample = {
  reference: 'order-1001',
  status: 'placed',
  pool: 'default',
  placedAt: '2026-11-22T06:00:00.000Z',
  activeAt: null,
  closedAt: null,
  connectsUntil: null,
  unconfirmed: false,
  pin: 'off',
  texts: 'unavailable',
  participants: [{ role: 'customer', phone: '+91••••••••01', dials: [] }],
  customer: { phone: '+91••••••••01', dials: null },
  agent: null,
};

function withAgent(numbers: { customer: string; agent: string } | null, status: 'open' | 'waiting' | 'grace') {
  const dials = (to: string, number: string | null) => [{ to, number, status, onlyFrom: null, blocks: null }];
  const { customer = null, agent = null } = numbers ?? {};
  return {
    participants: [
      { role: 'customer', phone: '+91••••••••01', dials: dials('agent', customer) },
      { role: 'agent', phone: '+91••••••••02', dials: dials('customer', agent) },
    ],
    customer: { phone: '+91••••••••01', dials: customer },
    agent: { phone: '+91••••••••02', dials: agent },
  };
}

const NUMBERS = { customer: CUSTOMER_DIALS, agent: AGENT_DIALS };

const ACTIVE: OrderExample = {
  ...PLACED,
  ...withAgent(NUMBERS, 'open'),
  status: 'active',
  activeAt: '2026-11-22T06:05:00.000Z',
  connectsUntil: '2026-11-23T06:30:00.000Z',
};

const AWAITING: OrderExample = { ...PLACED, ...withAgent(null, 'waiting'), status: 'awaiting-numbers' };

const COMPLETED: OrderExample = {
  ...ACTIVE,
  ...withAgent(NUMBERS, 'grace'),
  status: 'closing',
  closedAt: '2026-11-22T06:40:00.000Z',
  connectsUntil: '2026-11-22T07:10:00.000Z',
};

const CANCELLED: OrderExample = {
  ...ACTIVE,
  ...withAgent(null, 'waiting'),
  participants: withAgent(null, 'waiting').participants.map((one) => ({ ...one, dials: [] })),
  status: 'ended',
  closedAt: '2026-11-22T06:40:00.000Z',
  connectsUntil: '2026-11-22T06:40:00.000Z',
};

const link = (to: string, number: string | null) => ({
  to,
  number,
  status: number === null ? 'waiting' : 'open',
  onlyFrom: null,
  blocks: null,
});

const PARCEL: OrderExample = {
  ...ACTIVE,
  reference: 'parcel-1001',
  activeAt: '2026-11-22T06:00:00.000Z',
  participants: [
    {
      role: 'courier',
      phone: '+91••••••••13',
      dials: [link('recipient', '+918047000003'), link('sender', '+918047000004')],
    },
    { role: 'recipient', phone: '+91••••••••12', dials: [link('courier', '+918047000005')] },
    { role: 'sender', phone: '+91••••••••11', dials: [link('courier', '+918047000006')] },
  ],
  customer: null,
  agent: null,
};

/** The parcel with one more link, between sender and recipient. */
function linkedParcel(numbers: readonly [string, string] | null): OrderExample {
  const [courier, recipient, sender] = PARCEL.participants as [
    OrderExample['participants'][0],
    OrderExample['participants'][0],
    OrderExample['participants'][0],
  ];
  return {
    ...PARCEL,
    status: numbers === null ? 'awaiting-numbers' : 'active',
    participants: [
      courier,
      { ...recipient, dials: [...recipient.dials, link('sender', numbers?.[0] ?? null)] },
      { ...sender, dials: [...sender.dials, link('recipient', numbers?.[1] ?? null)] },
    ],
  };
}

const ORDERED_CALL: Json<OrderedCallResponse> = {
  id: '6f1c2f5e-2f0a-4a57-9d6c-3f0f6a1f2b11',
  from: 'agent',
  to: 'customer',
  state: 'placed',
  reason: null,
  shownNumber: CUSTOMER_DIALS,
  wantedAt: '2026-11-22T06:10:00.000Z',
  interaction: null,
};

const one = (name: string, summary: string, value: NamedExample['value']): Examples => ({ [name]: { summary, value } });

/** Examples of whole schemas, wherever they are part of another one. */
export const SCHEMA_EXAMPLES: Readonly<Record<string, unknown>> = { OrderResponse: ACTIVE };

/** Examples of request bodies, by operation. Others have one that is made of their fields' examples. */
export const REQUEST_EXAMPLES: Readonly<Record<string, Examples>> = {
  openPool: {
    exclusive: {
      summary: 'Two numbers for each order',
      value: { name: 'bengaluru', country: 'IN', region: 'KA' },
    },
    shared: {
      summary: 'A few numbers for a whole city, with a PIN for unknown callers',
      value: { name: 'mumbai', country: 'IN', region: 'MH', capacity: 1000, pin: 'unknown-callers' },
    },
  },
  changePool: one('capacity', 'Let a number serve 1,000 orders at once', { capacity: 1000 }),
  openLink: one('two', 'Sender and recipient', { between: ['sender', 'recipient'] }),
  importNumbers: one('two', 'Two numbers of the pool’s provider', {
    pool: 'default',
    numbers: [{ number: '+918047000001' }, { number: '+918047000002' }],
  }),
  orderCall: one('agent', 'Ring the agent, then the customer', { from: 'agent' }),
};

/** Examples of responses, by operation and status. Others have one that is made of their fields' examples. */
export const RESPONSE_EXAMPLES: Readonly<Record<string, Readonly<Record<string, Examples>>>> = {
  placeOrder: {
    201: {
      two: { summary: 'A customer, whose agent comes later', value: PLACED },
      three: { summary: 'A parcel, whose participants have their numbers', value: PARCEL },
    },
    200: one('again', 'The order was placed before, and has an agent now', ACTIVE),
  },
  assignAgent: {
    200: one('active', 'Both have their number', ACTIVE),
    202: one('awaiting', 'The pool has no free numbers', AWAITING),
  },
  putParticipant: {
    200: one('active', 'All participants have their numbers', PARCEL),
    202: one('awaiting', 'The pool has no free numbers', linkedParcel(null)),
  },
  openLink: {
    200: one(
      'linked',
      'Sender and recipient have a number for each other',
      linkedParcel(['+918047000007', '+918047000008']),
    ),
    202: one('awaiting', 'The pool has no free numbers', linkedParcel(null)),
  },
  completeOrder: { 200: one('closing', 'Calls connect until `connectsUntil`', COMPLETED) },
  cancelOrder: { 200: one('ended', 'Calls connect no more', CANCELLED) },
  orderCall: {
    201: one('placed', 'The provider rings the first participant', ORDERED_CALL),
    202: one('unknown', 'The provider did not answer', { ...ORDERED_CALL, state: 'ordered' }),
    200: one('again', 'The call was ordered before, and is over', (made: OrderedCallResponse) => ({
      ...ORDERED_CALL,
      state: 'ended',
      interaction: { ...made.interaction, from: 'agent', to: 'customer' },
    })),
  },
  unblockParticipant: { 200: one('free', 'Calls connect again', { blocked: false }) },
  changePool: {
    200: one('changed', 'A number serves 1,000 orders at once', (made: object) => ({ ...made, capacity: 1000 })),
  },
  drainNumber: { 200: one('draining', 'It takes no new orders', (made: object) => ({ ...made, status: 'draining' })) },
  resumeNumber: {
    200: one('available', 'It takes orders again', (made: object) => ({ ...made, status: 'available' })),
  },
  retireNumber: {
    200: one('retired', 'It is out of use', (made: object) => ({ ...made, status: 'retired', ordersHeld: 0 })),
  },
  endRestoration: {
    200: one('none', 'Nothing is in doubt', (made: object) => ({
      ...made,
      state: 'none',
      unconfirmedOrders: 0,
      withheldNumbers: 0,
      withheldUntil: null,
      whatToDo: 'Nothing.',
    })),
  },
  getNumberHealth: {
    200: one('sick', 'A number on which few calls are answered', (made: { calls: object }) => ({
      ...made,
      status: 'available',
      calls: { calls: 40, answered: 4, short: 2, failed: 9 },
      pool: { calls: 900, answered: 702, short: 12, failed: 8 },
    })),
  },
};
