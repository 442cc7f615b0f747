import { InvalidRequest } from '../../platform/http/request.problems.js';
import { readLinks, UnusableLink, type Link } from '../../virtual-numbers/link.js';
import type { PlaceOrderRequest } from '../order/orders.dto.js';
import { UnusableParticipants } from '../order/orders.problems.js';
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
    links: links === undefined || links === null ? undefined : usableLinks(links),
    participants: customer
      ? [{ role: 'customer', phone: customer.phone, field: 'customer.phone' }]
      : participants!.map(({ role, phone }, index) => ({ role, phone, field: `participants.${index}.phone` })),
  };
}

/** An empty list names none, so the pool's links apply. */
function usableLinks(value: unknown): Link[] | undefined {
  try {
    const links = readLinks(value, 'links');
    return links.length > 0 ? links : undefined;
  } catch (failure) {
    throw failure instanceof UnusableLink ? new UnusableParticipants(failure.field, failure.why) : failure;
  }
}
