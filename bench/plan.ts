import type { WorldSize } from './world.js';

/** The size of the benchmark. */
export interface Plan {
  readonly size: WorldSize;
  /** Rounds of each contestant. */
  readonly rounds: number;
  /** Duration of a round of calls. */
  readonly seconds: number;
  readonly warmUpSeconds: number;
  /** Orders in a round of assignments. */
  readonly ordersATurn: number;
  /** Seconds without and then with an open transaction. The first part is compared with the end of the second. */
  readonly held: { readonly before: number; readonly seconds: number; readonly end: number };
  /** Orders that are placed, assigned and completed by events. */
  readonly ordersByEvents: number;
  /** Ended orders beside the loaded ones. */
  readonly endedOrders: number;
  /** Requests of each kind in a turn with ended orders and without, and how many turns each has. */
  readonly requestsATurn: number;
  readonly endedOrdersRounds: number;
  /** Turns before, in which the pages that are read come back into memory: filling has displaced them. */
  readonly endedOrdersWarmUps: number;
  /** The most processes of a role that are measured together. */
  readonly processes: number;
}

export const WHOLE: Plan = {
  size: {
    agents: 20_000,
    exclusive: { numbers: 250_000, activeOrders: 40_000, placedOrders: 60_000, placedParcels: 4_000 },
    shared: { numbers: 500, activeOrders: 60_000, placedOrders: 60_000, placedParcels: 4_000 },
  },
  rounds: 3,
  seconds: 4,
  warmUpSeconds: 3,
  ordersATurn: 3_200,
  held: { before: 10, seconds: 40, end: 10 },
  ordersByEvents: 3_000,
  endedOrders: 1_000_000,
  requestsATurn: 100,
  endedOrdersRounds: 12,
  endedOrdersWarmUps: 5,
  processes: 4,
};

/** Only checks that everything works: the figures are too short to mean anything. */
export const QUICK: Plan = {
  size: {
    agents: 1_000,
    exclusive: { numbers: 18_000, activeOrders: 4_000, placedOrders: 5_000, placedParcels: 400 },
    shared: { numbers: 500, activeOrders: 4_000, placedOrders: 5_000, placedParcels: 400 },
  },
  rounds: 1,
  seconds: 0.4,
  warmUpSeconds: 0.1,
  ordersATurn: 160,
  held: { before: 1, seconds: 2, end: 1 },
  ordersByEvents: 100,
  endedOrders: 100_000,
  requestsATurn: 10,
  endedOrdersRounds: 1,
  endedOrdersWarmUps: 1,
  processes: 2,
};
