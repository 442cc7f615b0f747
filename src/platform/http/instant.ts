import { buildMessage, ValidateBy } from 'class-validator';

const RFC_3339 = /^(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d)(?::(\d\d)(?:\.\d{1,9})?)?(Z|[+\- ]\d\d:?\d\d)$/i;

const FIRST = new Date('1900-01-01T00:00:00Z');
const LAST = new Date('9900-01-01T00:00:00Z');

/**
 * Reads an RFC 3339 instant with its zone: `2026-11-22T06:00:00Z`, `2026-11-22T11:30+05:30`. A space in place of the
 * plus is accepted, because query strings cause it. Null for anything else (without a zone, the instant would depend on
 * the server), and outside of the years 1900 to 9899.
 */
export function readInstant(text: string): Date | null {
  const [, year, month, day, hours, minutes, seconds, zone] = RFC_3339.exec(text) ?? [];
  if (zone === undefined) return null;
  const [y, m, d] = [Number(year), Number(month), Number(day)];
  const isDay = new Date(Date.UTC(y, m - 1, d)).getUTCMonth() === m - 1 && d > 0;
  const isTime = Number(hours) < 24 && Number(minutes) < 60 && Number(seconds ?? 0) < 60;
  if (!isDay || !isTime) return null;
  const isUtc = zone.toUpperCase() === 'Z';
  const offset = isUtc ? 'Z' : zone.replace(' ', '+').replace(/^(.\d\d):?(\d\d)$/, '$1:$2');
  const instant = new Date(`${text.slice(0, -zone.length).toUpperCase()}${offset}`);
  // Some time before and after it must still be a year of four digits, which PostgreSQL reads.
  const isUsable = instant >= FIRST && instant < LAST; // false for an invalid date, too
  return isUsable ? instant : null;
}

/** The field must be an instant with a zone. */
export function IsInstant(): PropertyDecorator {
  return ValidateBy({
    name: 'isInstant',
    validator: {
      validate: (value): boolean => typeof value === 'string' && readInstant(value) !== null,
      defaultMessage: buildMessage(
        (each) => `${each}$property must be an instant with its zone, as in 2026-11-22T06:00:00Z`,
      ),
    },
  });
}
