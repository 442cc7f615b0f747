import { ApiFailure, documentOfTheApi, type Schemas } from '../api/client';

/** The fields of a policy, by what they are about. */
export const GROUPS = [
  {
    name: 'supply',
    fields: [
      ...(['lowWater', 'target', 'maxNumbers', 'capacity', 'channelsPerNumber'] as const),
      ...(['leadTimeSeconds', 'giveBackAfterSeconds'] as const),
    ],
  },
  {
    name: 'buying',
    fields: [
      ...(['buying', 'unknownNumbers', 'numberType', 'alternativeProvider'] as const),
      ...(['maxSpendPerDay', 'maxSpendPerMonth', 'maxRent', 'currency'] as const),
    ],
  },
  {
    name: 'orders',
    fields: [
      ...(['graceSeconds', 'cancelGraceSeconds', 'quarantineSeconds', 'lifetimeSeconds'] as const),
      ...(['assignNumbers', 'links', 'decideWithoutDatabaseSeconds'] as const),
    ],
  },
  {
    name: 'calls',
    fields: [
      ...(['direction', 'pin', 'claimByPin', 'maxCallSeconds', 'maxRingSeconds'] as const),
      ...(['maxCallsPerHour', 'quietHours', 'recordCalls', 'language'] as const),
    ],
  },
  { name: 'texts', fields: ['texts', 'textsKeptSeconds'] as const },
] as const;

export type Field = (typeof GROUPS)[number]['fields'][number];

export type QuietHours = Schemas['QuietHoursFields'];
export type Links = readonly Schemas['LinkResponse'][];
export type Value = string | number | boolean | QuietHours | Links | null;

/** Whether two values of a field are the same. */
export const isSame = (one: Value, other: Value) => JSON.stringify(one) === JSON.stringify(other);

export interface Meaning {
  readonly description: string;
  readonly kind: 'number' | 'boolean' | 'choice' | 'text';
  readonly choices?: readonly string[];
  /** Whether it may be null. */
  readonly isOptional: boolean;
  readonly min?: number;
  readonly max?: number;
}

export type Meanings = Partial<Record<Field, Meaning>>;

interface Schema {
  readonly type?: string | readonly string[];
  readonly description?: string;
  readonly enum?: readonly (string | null)[];
  readonly minimum?: number;
  readonly maximum?: number;
}

/** Reads from the OpenAPI document what each field means, and which values it takes. @throws ApiFailure */
export async function readMeanings(): Promise<Meanings> {
  const document = (await documentOfTheApi()) as {
    components?: { schemas?: Record<string, { properties?: Record<string, Schema> }> };
  };
  const properties = document.components?.schemas?.['ChangePolicyRequest']?.properties;
  if (properties === undefined) throw new ApiFailure('', 0, '');
  return Object.fromEntries(Object.entries(properties).map(([field, schema]) => [field, meaningOf(schema)]));
}

function meaningOf({ type = [], description = '', enum: values, minimum, maximum }: Schema): Meaning {
  const types = [type].flat();
  const isOptional = types.includes('null');
  const about = {
    description: description
      .replaceAll('`', '')
      .replaceAll('..', '.')
      .replace(/ Default: null$/, ''),
    isOptional,
    min: minimum,
    max: maximum,
  };
  if (values !== undefined) return { ...about, kind: 'choice', choices: values.filter((value) => value !== null) };
  if (types.includes('number') || types.includes('integer')) return { ...about, kind: 'number' };
  return { ...about, kind: types.includes('boolean') ? 'boolean' : 'text' };
}

const UNITS = [
  ['d', 86_400],
  ['h', 3_600],
  ['min', 60],
  ['s', 1],
] as const;

/** `5400` as `1 h 30 min`. */
export function duration(seconds: number): string {
  let rest = seconds;
  const parts = UNITS.flatMap(([unit, size]) => {
    const count = Math.floor(rest / size);
    rest -= count * size;
    return count === 0 ? [] : [`${count} ${unit}`];
  });
  return parts.length === 0 ? '0 s' : parts.join(' ');
}
