import { randomInt } from 'node:crypto';

/** All have as many digits, because a provider is told beforehand how many to wait for (docs/decisions/0016-pins-of-six-digits.md). */
export const PIN_DIGITS = 6;

/** As likely as any other, and derived from nothing. */
export function randomPin(): string {
  return String(randomInt(10 ** PIN_DIGITS)).padStart(PIN_DIGITS, '0');
}

/** Whether somebody could have this PIN. */
export function isPin(digits: string): boolean {
  return digits.length === PIN_DIGITS && /^\d+$/.test(digits);
}
