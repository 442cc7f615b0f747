import { ApiFailure, documentOfTheApi, type Schemas } from '../api/client';

/** A type of events, or all types of a group (`order.*`). */
export type EventType = NonNullable<Schemas['AddWebhookEndpointRequest']['types']>[number];

/** All types, also those of later versions. */
export const EVERY_TYPE = '*' satisfies EventType;

export interface TypeGroup {
  readonly all: EventType;
  readonly types: readonly EventType[];
}

/** Reads from the OpenAPI document which types of events there are, by group. @throws ApiFailure */
export async function readTypes(): Promise<TypeGroup[]> {
  const document = (await documentOfTheApi()) as {
    components?: {
      schemas?: Record<string, { properties?: Record<string, { items?: { enum?: readonly EventType[] } }> }>;
    };
  };
  const choices = document.components?.schemas?.['AddWebhookEndpointRequest']?.properties?.['types']?.items?.enum;
  if (choices === undefined) throw new ApiFailure('', 0, '');
  return choices
    .filter((choice) => choice.endsWith('.*'))
    .map((all) => ({ all, types: choices.filter((one) => one !== all && one.startsWith(all.slice(0, -1))) }));
}
