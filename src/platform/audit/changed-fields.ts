import { isDeepStrictEqual } from 'node:util';

import type { Change } from './audit.service.js';

/** The fields that differ, before and after. */
export function changedFields<T extends object>(before: T, after: T): Change {
  const names = (Object.keys(after) as (keyof T)[]).filter((name) => !isDeepStrictEqual(before[name], after[name]));
  const only = (from: T) => Object.fromEntries(names.map((name) => [name, from[name]]));
  return { before: only(before), after: only(after) };
}
