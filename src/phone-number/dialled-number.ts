import { LRUCache } from 'lru-cache';

import { readSpelling, type Country, type ReadNumber } from './e164.js';

/** Numbers that a process remembers, about 200 bytes each. */
export const MOST_REMEMBERED = 10_000;
/** Longer spellings are not remembered: separators may be repeated without end. */
const LONGEST_REMEMBERED = 24;

const remembered = new LRUCache<string, ReadNumber>({ max: MOST_REMEMBERED });

/**
 * Reads a dialled number like `readSpelling`, and remembers it: the numbers that people dial are ours, and each is dialled
 * again and again. To parse one takes a twentieth of the time of a decision. Phones of people are not remembered.
 */
export function readDialled(spelling: string, country: Country): ReadNumber | null {
  const key = `${country} ${spelling}`;
  const known = remembered.get(key);
  if (known) return known;
  const read = readSpelling(spelling, country);
  if (read && spelling.length <= LONGEST_REMEMBERED) remembered.set(key, read);
  return read;
}
