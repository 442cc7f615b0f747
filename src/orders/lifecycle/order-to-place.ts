import { InvalidRequest } from '../../platform/http/request.problems.js';
import { readLinks } from '../../virtual-numbers/link.js';
import type { PlaceOrderRequest } from '../views/orders.dto.js';
import { usable } from '../order/usable-links.js';
import type { OrderToPlace } from './orders.service.js';

/** @throws InvalidRequest if it names participants in both ways; UnusableParticipants for links that cannot be read */
export function orderToPlace(request: PlaceOrderRequest): OrderToPlace {
  const { reference, customer, participants, links, pool, lifetimeSeconds } = request;
  if (customer && participants) {
    throw new InvalidRequest(['customer must be left out if participants are given: name the customer there']);
  }
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
