import { InvalidRequest } from '../../platform/http/request.problems.js';
import type { Interaction } from './interaction.entity.js';

/** The place where a page of interactions ended. */
export type Place = Pick<Interaction, 'at' | 'ordinal'>;

/** An instant and a number, as `cursorOf` writes them. */
const CURSOR = /^(\d{4}-\d\d-\d\dT[\d:.]+Z) (\d{1,18})$/;

export function cursorOf({ at, ordinal }: Place): string {
  return Buffer.from(`${at.toISOString()} ${ordinal}`).toString('base64url');
}

/** @throws InvalidRequest if the cursor is invalid */
export function readCursor(cursor: string): Place {
  const [, at, ordinal] = CURSOR.exec(Buffer.from(cursor, 'base64url').toString()) ?? [];
  if (at === undefined || Number.isNaN(Date.parse(at))) {
    throw new InvalidRequest(["cursor must be the last page's nextCursor"]);
  }
  return { at: new Date(at), ordinal: ordinal! };
}
