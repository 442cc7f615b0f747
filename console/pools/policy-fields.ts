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

type Policy = Pick<Schemas['PoolResponse'], Field>;

/** The fields that may be empty. */
export type OptionalField = { [One in Field]: null extends Policy[One] ? One : never }[Field];

/** The values of the fields that have a few. */
export type Choices = {
  readonly [
    One in 'buying' | 'unknownNumbers' | 'numberType' | 'assignNumbers' | 'direction' | 'pin' | 'texts'
  ]: Readonly<Record<NonNullable<Policy[One]>, string>>;
};

export type QuietHours = Schemas['QuietHoursFields'];
export type Links = readonly Schemas['LinkResponse'][];
export type Value = string | number | boolean | QuietHours | Links | null;

/** Whether two values of a field are the same. */
export const isSame = (one: Value, other: Value) => JSON.stringify(one) === JSON.stringify(other);

/** Which values a field takes. */
export interface Rule {
  readonly kind: 'number' | 'boolean' | 'choice' | 'text';
  readonly choices?: readonly string[];
  /** Whether it may be null. */
  readonly isOptional: boolean;
  readonly min?: number;
  readonly max?: number;
}

export type Rules = Partial<Record<Field, Rule>>;

interface Schema {
  readonly type?: string | readonly string[];
  readonly enum?: readonly (string | null)[];
  readonly minimum?: number;
  readonly maximum?: number;
}

/** Reads from the OpenAPI document which values each field takes. @throws ApiFailure */
export async function readRules(): Promise<Rules> {
  const document = (await documentOfTheApi()) as {
    components?: { schemas?: Record<string, { properties?: Record<string, Schema> }> };
  };
  const properties = document.components?.schemas?.['ChangePolicyRequest']?.properties;
  if (properties === undefined) throw new ApiFailure('', 0, '');
  return Object.fromEntries(Object.entries(properties).map(([field, schema]) => [field, ruleOf(schema)]));
}

function ruleOf({ type = [], enum: values, minimum, maximum }: Schema): Rule {
  const types = [type].flat();
  const about = { isOptional: types.includes('null'), min: minimum, max: maximum };
  if (values !== undefined) return { ...about, kind: 'choice', choices: values.filter((value) => value !== null) };
  if (types.includes('number') || types.includes('integer')) return { ...about, kind: 'number' };
  return { ...about, kind: types.includes('boolean') ? 'boolean' : 'text' };
}
