import { Injectable } from '@nestjs/common';
import { PinoLogger } from 'nestjs-pino';

import { withDeadline } from '../../platform/clock/deadline.js';
import { DatabaseCheck } from '../../platform/database/database-check.js';
import { DatabaseOutages } from '../../platform/database/database-outages.js';
import { isDatabaseTrouble } from '../../platform/database/database-trouble.js';
import { Replica } from '../../virtual-numbers/replica/replica.js';

/** A caller hears silence meanwhile. Far above what a busy database needs. */
const ANSWERS_WITHIN_MS = 300;

/**
 * Asks the database for decisions that can do without it: it must answer promptly, or it is not waited for. Without
 * a replica no decision can, so every answer is waited for.
 */
@Injectable()
export class PromptDatabase {
  constructor(
    private readonly check: DatabaseCheck,
    private readonly replica: Replica,
    private readonly outages: DatabaseOutages,
    private readonly logger: PinoLogger,
  ) {
    logger.setContext(PromptDatabase.name);
  }

  /** Whether it answered the last time that somebody looked, at most a few seconds ago. */
  get isUp(): boolean {
    return this.check.passed;
  }

  /**
   * @returns null if the database does not answer promptly, or is known to be down
   * @throws any other failure; without a replica, every failure
   */
  async ask<T extends object | boolean>(asking: () => Promise<T>): Promise<T | null> {
    if (!this.replica.isFilled) return asking();
    return this.isUp ? this.wait(this.begin(asking)) : null;
  }

  /** Begins to ask. @returns null if the database fails. Rejects with any other failure */
  async begin<T extends object | boolean>(asking: () => Promise<T>): Promise<T | null> {
    try {
      return await asking();
    } catch (err) {
      if (!isDatabaseTrouble(err)) throw err;
      this.outages.failed(this.logger, { err }, 'call decided without the database');
      return null;
    }
  }

  /** Waits for an answer. @returns null if it does not come promptly */
  async wait<T extends object | boolean>(asked: Promise<T | null>): Promise<T | null> {
    const answered = await withDeadline(ANSWERS_WITHIN_MS, asked, () => null);
    if (answered === null) void this.check.look();
    return answered;
  }
}
