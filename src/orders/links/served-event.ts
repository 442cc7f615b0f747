import type { OpenOrder } from '../order/open-order.js';
import type { OrderEventKind } from '../order/order-event.entity.js';

/** The event that tells that an order has got its numbers. */
export function servedEvent(open: OpenOrder): OrderEventKind {
  return open.participant('agent') ? 'order.agent-assigned' : 'order.numbers-assigned';
}
