import { answered, client, type Schemas } from '../api/client';
import type { Search } from './read-search';

type Asked = Schemas['SearchRequest'];

/** A page of what was found, by what. */
export interface Found {
  readonly by: Asked;
  readonly orders: readonly Schemas['FoundOrderResponse'][];
  readonly interactions: readonly Schemas['InteractionResponse'][];
  readonly nextCursor: string | null;
}

const A_PAGE = 25;

/** Everything that is asked for is in the body, because it may be a phone. @param cursor null = the first page */
export async function searchBy(by: Asked, cursor: string | null = null): Promise<Found> {
  const query = { limit: A_PAGE, ...(cursor === null ? {} : { cursor }) };
  const page = await answered(client.POST('/v1/search', { params: { query }, body: by }));
  return { by, ...page };
}

/** Looks for both things that it may be. Null = nothing was found. */
export async function searchFor(search: Search): Promise<Found | null> {
  const asked: Asked[] =
    search.kind === 'number'
      ? [{ phone: search.number }, { number: search.number }]
      : [{ reference: search.name }, { providerCallId: search.name }];
  const found = await Promise.all(asked.map((by) => searchBy(by)));
  return found.find(({ orders, interactions }) => orders.length > 0 || interactions.length > 0) ?? null;
}
