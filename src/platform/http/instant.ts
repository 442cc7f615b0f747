import { buildMessage, ValidateBy } from 'class-validator';

const RFC_3339 = /^(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d)(?::(\d\d)(?:\.\d{1,9})?)?(Z|[+\- ]\d\d:?\d\d)$/i;

/**
 * Reads an instant as in RFC 3339, with its zone: `2026-11-22T06:00:00Z`, `2026-11-22T11:30+05:30`. A plus that a query
 * string turned into a space is read as one. Null for anything else: without a zone it would be another instant on
 * another server.
 */
export function readInstant(text: string): Date | null {
  const [, year, month, day, hours, minutes, seconds, zone] = RFC_3339.exec(text) ?? [];
  if (zone === undefined) return null;
  const [y, m, d] = [Number(year), Number(month), Number(day)];
  const isDay = new Date(Date.UTC(y, m - 1, d)).getUTCMonth() === m - 1 && d > 0;
  const isTime = Number(hours) < 24 && Number(minutes) < 60 && Number(seconds ?? 0) < 60;
  if (!isDay || !isTime || y < 1) return null;
  const isUtc = zone.toUpperCase() === 'Z';
  const offset = isUtc ? 'Z' : zone.replace(' ', '+').replace(/^(.\d\d):?(\d\d)$/, '$1:$2');
  const instant = new Date(`${text.slice(0, -zone.length).toUpperCase()}${offset}`);
  return Number.isNaN(instant.getTime()) ? null : instant;
}

/** The field must be an instant with its zone. */
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
