/** What people are on an order. An agent and a courier are the same people of the city. */
export type Role = 'customer' | 'agent' | 'sender' | 'recipient' | 'courier';

/** One side of a link: who dials, and whom the call reaches. */
export type Side = `${Role} to ${Role}`;

/** What all orders of one kind have in common. */
export interface Kind {
  /** Who placed the order. */
  readonly orderer: Role;
  /** All who are on the order from the beginning. */
  readonly known: readonly Role[];
  /** Who joins later, and carries it. */
  readonly carrier: Role;
  /** The carrier with each of the others. */
  readonly links: readonly (readonly [Role, Role])[];
  /** Both sides of every link. */
  readonly sides: readonly Side[];
}

export const MEAL = kindOf('agent', ['customer']);
export const PARCEL = kindOf('courier', ['sender', 'recipient']);

function kindOf(carrier: Role, known: readonly [Role, ...Role[]]): Kind {
  const links = known.map((role) => [role, carrier] as const);
  const sides = links.flatMap(([one, other]) => [sideOf(one, other), sideOf(other, one)]);
  return { orderer: known[0], known, carrier, links, sides };
}

export function sideOf(dialler: Role, callee: Role): Side {
  return `${dialler} to ${callee}`;
}

export function diallerOf(side: Side): Role {
  return side.split(' to ')[0] as Role;
}

export function calleeOf(side: Side): Role {
  return side.split(' to ')[1] as Role;
}

/** The other side of the same link: it calls back. */
export function backOf(side: Side): Side {
  return sideOf(calleeOf(side), diallerOf(side));
}
