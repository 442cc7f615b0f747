import { Order, type Ending } from '../../../src/orders/order/order.entity.js';

const NOON = new Date('2026-11-22T12:00:00.000Z');
const after = (seconds: number) => new Date(NOON.getTime() + seconds * 1_000);

/** A day of life, 30 min of grace, 5 min when cancelled, an hour of quarantine. */
function anOrder(but: Partial<Order> = {}): Order {
  const policy = { lifetimeSeconds: 86_400, graceSeconds: 1_800, cancelGraceSeconds: 300, quarantineSeconds: 3_600 };
  return Object.assign(new Order(), { ...policy, dueAt: after(86_400), connectsUntil: null, ...but });
}

it.each<[Ending, number]>([
  ['completed', 1_800],
  ['expired', 1_800],
  ['cancelled', 300],
])('an order that is %s connects calls for %i s of grace; then its pairs rest for the quarantine', (because, grace) => {
  const end = { connectsUntil: after(grace), quarantinedUntil: after(grace + 3_600) };
  expect(anOrder().endAt(NOON, because)).toEqual(end);
});

it('pairs that stop connecting at once rest for the quarantine', () => {
  expect(anOrder().connectingUntil(NOON)).toEqual({ connectsUntil: NOON, quarantinedUntil: after(3_600) });
});

it('assignments connect until the lifetime and its grace are over, unless the order has another end already', () => {
  expect(anOrder().spanFrom(NOON)).toEqual({
    assignedAt: NOON,
    connectsUntil: after(86_400 + 1_800),
    quarantineSeconds: 3_600,
  });
  expect(anOrder({ connectsUntil: after(60) }).spanFrom(NOON).connectsUntil).toEqual(after(60));
});

it('an order that is opened again has a whole lifetime and its grace', () => {
  const lifetime = { expiresAt: after(86_400), connectsUntil: after(86_400 + 1_800) };
  expect(anOrder().lifetimeFrom(NOON)).toEqual(lifetime);
});
