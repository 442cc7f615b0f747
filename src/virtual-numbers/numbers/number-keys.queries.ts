import type { EntityManager } from 'typeorm';

import { runIn, type Statement } from '../../platform/database/statement.js';

/** Whether the phone with this keyed lookup is a number of ours, in any state. */
export async function isNumberOfOurs(tx: EntityManager, phoneKey: Buffer): Promise<boolean> {
  return (await runIn(tx, keyOfOurs, [phoneKey])).length > 0;
}

const keyOfOurs: Statement = {
  name: 'key-of-ours',
  text: `SELECT WHERE is_number_of_ours($1)`,
};
