import { join } from 'node:path';

import type { PinoLogger } from 'nestjs-pino';

import type { ReplicaHome } from '../../virtual-numbers/replica/replica-feed.service.js';
import { DecisionJournal } from './decision-journal.js';

/** The journal of this process; null without one. */
export class CallJournal {
  constructor(readonly journal: DecisionJournal | null) {}
}

/** Opens the journal beside the replica. A process whose journal cannot be opened needs the database for each decision. */
export async function openCallJournal({ folder }: ReplicaHome, logger: PinoLogger): Promise<CallJournal> {
  if (folder === null) return new CallJournal(null);
  try {
    return new CallJournal(await DecisionJournal.open(join(folder, 'journal')));
  } catch (err) {
    logger.setContext(CallJournal.name);
    logger.error({ err, folder }, 'journal not opened');
    return new CallJournal(null);
  }
}
