import { Problem } from '../../platform/http/problem.js';

/** What orders can be found by. */
export const SEARCHED_BY = ['phone', 'reference', 'number', 'providerCallId'] as const;
export type SearchedBy = (typeof SEARCHED_BY)[number];

export class SearchByOne extends Problem {
  static readonly kind = { slug: 'search-by-one', status: 422, title: 'A search needs exactly one thing to look for' };
  /** @param given the fields that the request has */
  constructor(given: readonly SearchedBy[]) {
    super(
      SearchByOne.kind,
      `Send exactly one of ${SEARCHED_BY.join(', ')}. The request has ${given.length === 0 ? 'none of them' : given.join(' and ')}.`,
      { given, fields: SEARCHED_BY },
    );
  }
}
