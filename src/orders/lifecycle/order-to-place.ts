import { readLinks } from '../../virtual-numbers/link.js';
import type { PlaceOrderRequest } from '../views/orders.dto.js';
import { usable } from '../order/usable-links.js';
import type { OrderToPlace } from './orders.service.js';

/** @throws UnusableParticipants for links that cannot be read */
export function orderToPlace(request: PlaceOrderRequest): OrderToPlace {
  const { reference, customer, participants, links, pool, lifetimeSeconds } = request;
  return {
    reference,
    pool,
    lifetimeSeconds,
    links: usable(() => readLinks(links, 'links')),
    participants: customer
      ? [{ role: 'customer', phone: customer.phone, field: 'customer.phone' }]
      : participants!.map(({ role, phone }, index) => ({ role, phone, field: `participants.${index}.phone` })),
  };
}
