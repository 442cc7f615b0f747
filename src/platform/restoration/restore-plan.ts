import type { EntityManager } from 'typeorm';

import type { RecognisedBy } from './recognition.js';

export interface Recognised {
  readonly by: RecognisedBy;
  /** The last heartbeat in the database: what happened since is missing. Null = unknown. */
  readonly contentUntil: Date | null;
}

/** What an installation does when its database was restored. The domain provides it. */
export abstract class RestorePlan {
  /** Whether the database contains anything that can be in doubt. */
  abstract isUsed(tx: EntityManager): Promise<boolean>;

  /** Puts everything in doubt that may be wrong now. Before anything else uses the database. */
  abstract begin(tx: EntityManager, recognised: Recognised): Promise<void>;

  /** Every few seconds: ends what is over. Safe to run in two processes at once. */
  abstract tend(tx: EntityManager): Promise<void>;
}
