import type { AppEnvironment } from './application.js';
import type { WorldSize } from './world.js';

export interface EndedOrdersEnvironment extends AppEnvironment {
  readonly size: WorldSize;
}

/** What is measured, with and without ended orders. */
export const WORKS = [
  'a decision',
  'an assignment',
  'orders, first page',
  'orders, deep page',
  'orders that are closing',
  'an order',
  'explained, now',
  'explained, half an hour ago',
  'served, half an hour ago',
  'the jobs of every second',
] as const;
export type Work = (typeof WORKS)[number];

export interface Doing {
  readonly work: Work;
  /** Each begins when the one before has ended. */
  readonly times: number;
  /** The first placed order that was not assigned yet. */
  readonly from: number;
}
