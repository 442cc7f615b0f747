import { randomInt } from 'node:crypto';

/** All have as many digits, because a provider is told beforehand how many to wait for (docs/decisions/0081-pins-of-ten-digits.md). */
export const PIN_DIGITS = 10;

/** PINs of before, which are good for as long as their orders go on. */
export const OLD_PIN_DIGITS = 6;

/** As likely as any other, and derived from nothing. */
export function randomPin(): string {
  return String(randomInt(10 ** PIN_DIGITS)).padStart(PIN_DIGITS, '0');
}

/** Whether somebody could have this PIN. */
export function isPin(digits: string): boolean {
  return [PIN_DIGITS, OLD_PIN_DIGITS].includes(digits.length) && /^\d+$/.test(digits);
}
