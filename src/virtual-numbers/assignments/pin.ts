import { randomInt } from 'node:crypto';

/**
 * All PINs have the same length, because a provider must be told how many digits to wait for
 * (docs/decisions/0081-pins-of-ten-digits.md).
 */
export const PIN_DIGITS = 10;

/** The length of PINs of earlier versions, which work until their orders end. */
export const OLD_PIN_DIGITS = 6;

/** A uniformly random PIN. */
export function randomPin(): string {
  return String(randomInt(10 ** PIN_DIGITS)).padStart(PIN_DIGITS, '0');
}

/** Whether the digits can be a PIN. */
export function isPin(digits: string): boolean {
  return [PIN_DIGITS, OLD_PIN_DIGITS].includes(digits.length) && /^\d+$/.test(digits);
}
