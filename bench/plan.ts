import type { WorldSize } from './world.js';

/** How much of everything. */
export interface Plan {
  readonly size: WorldSize;
  /** Turns each contestant has. */
  readonly rounds: number;
  /** A turn of calls. */
  readonly seconds: number;
  readonly warmUpSeconds: number;
  /** A turn of assignments. */
  readonly ordersATurn: number;
  /** Undisturbed first, then with a transaction held open; compared are the first part and the end of the second. */
  readonly held: { readonly before: number; readonly seconds: number; readonly end: number };
  /** Each is placed, assigned and completed by events. */
  readonly ordersByEvents: number;
}

export const WHOLE: Plan = {
  size: {
    agents: 20_000,
    exclusive: { numbers: 250_000, activeOrders: 60_000, placedOrders: 60_000 },
    shared: { numbers: 500, activeOrders: 100_000, placedOrders: 60_000 },
  },
  rounds: 3,
  seconds: 4,
  warmUpSeconds: 3,
  ordersATurn: 3_200,
  held: { before: 10, seconds: 40, end: 10 },
  ordersByEvents: 3_000,
};

/** Only whether all of it works: its figures are too short to tell anything. */
export const QUICK: Plan = {
  size: {
    agents: 1_000,
    exclusive: { numbers: 18_000, activeOrders: 4_000, placedOrders: 5_000 },
    shared: { numbers: 500, activeOrders: 4_000, placedOrders: 5_000 },
  },
  rounds: 1,
  seconds: 1,
  warmUpSeconds: 1,
  ordersATurn: 320,
  held: { before: 1, seconds: 2, end: 1 },
  ordersByEvents: 200,
};
