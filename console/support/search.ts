import { answered, ApiFailure, client, type Schemas } from '../api/client';
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

/** Looks for everything that it may be. Null = nothing was found. */
export async function searchFor(search: Search): Promise<Found | null> {
  const found = await Promise.all(
    search.kind === 'number'
      ? [searchBy({ phone: search.number }), searchBy({ number: search.number })]
      : [
          searchBy({ reference: search.name }),
          searchBy({ providerCallId: search.name }),
          ...(search.mayBePhone ? [ifNational({ phone: search.name }), ifNational({ number: search.name })] : []),
        ],
  );
  return found.find((one) => one !== null && one.orders.length + one.interactions.length > 0) ?? null;
}

/** Null if it is no number of a country with a pool. */
async function ifNational(by: Asked): Promise<Found | null> {
  return searchBy(by).catch((failure: unknown) => {
    if (failure instanceof ApiFailure && failure.slug === 'invalid-request') return null;
    throw failure;
  });
}
