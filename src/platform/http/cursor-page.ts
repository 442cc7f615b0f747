import { InvalidRequest } from './request.problems.js';

/** A place in a list that is ordered by time: the instant, and what tells apart rows of the same instant. */
export interface Place {
  readonly at: Date;
  readonly id: string;
}

/** The ids of places. */
const IDS = {
  ordinal: /^\d{1,18}$/,
  letters: /^[a-z]{1,32}$/,
  uuid: /^[\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12}$/,
} as const;

/**
 * The rows of a page, and the cursor of the next page; null on the last page.
 *
 * @param rows one more than the limit, if there are as many
 */
export function pageOf<Row>(
  rows: readonly Row[],
  limit: number,
  cursorOf: (last: Row) => string,
): { readonly page: readonly Row[]; readonly nextCursor: string | null } {
  const page = rows.slice(0, limit);
  return { page, nextCursor: rows.length > limit ? cursorOf(page.at(-1)!) : null };
}

export function placeCursor({ at, id }: Place): string {
  return Buffer.from(`${at.toISOString()} ${id}`).toString('base64url');
}

/** @returns null for the first page. @throws InvalidRequest for a cursor that `placeCursor` did not write */
export function readPlace(cursor: string | undefined, ids: keyof typeof IDS): Place | null {
  if (cursor === undefined) return null;
  const [at = '', id = '', ...more] = Buffer.from(cursor, 'base64url').toString().split(' ');
  const isInstant = /^\d{4}-\d\d-\d\dT[\d:.]+Z$/.test(at) && !Number.isNaN(Date.parse(at));
  if (!isInstant || !IDS[ids].test(id) || more.length > 0) throw invalidCursor();
  return { at: new Date(at), id };
}

/** The cursor of a list that is ordered by a number. @returns null for the first page. @throws InvalidRequest */
export function readOrdinal(cursor: string | undefined): string | null {
  if (cursor === undefined) return null;
  if (!IDS.ordinal.test(cursor)) throw invalidCursor();
  return cursor;
}

export function invalidCursor(): InvalidRequest {
  return new InvalidRequest(["cursor must be the last page's nextCursor"], 'cursor');
}
