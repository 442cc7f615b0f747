import { Injectable } from '@nestjs/common';
import { PinoLogger } from 'nestjs-pino';
import type { Subscription } from 'rxjs';

import { withDeadline } from '../../platform/clock/deadline.js';
import { DatabaseCheck } from '../../platform/database/database-check.js';
import { DatabaseOutages } from '../../platform/database/database-outages.js';
import { isDatabaseTrouble } from '../../platform/database/connections/database-trouble.js';
import { Replica } from '../../virtual-numbers/replica/replica.js';

/** For what can be decided without the database: a caller hears silence meanwhile. Far above what a busy one needs. */
const ANSWERS_WITHIN_MS = 300;

/**
 * For what only the database knows, from the beginning of a decision. A decision has three seconds, and is recorded in
 * the rest of them.
 */
const NEEDED_WITHIN_MS = 2_200;

/**
 * Asks the database. For decisions that can do without it, it must answer promptly, or it is not waited for. For what only
 * it knows, it is waited for as long as the caller can wait, unless it is found to be down. Without a replica no decision
 * can do without it, so every answer is waited for.
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
   * Asks for what can be done without.
   *
   * @returns null if the database does not answer promptly, or is known to be down
   * @throws any other failure; without a replica, every failure
   */
  async ask<T extends object | boolean>(asking: () => Promise<T>): Promise<T | null> {
    return this.need(asking, 0);
  }

  /**
   * Asks for what only the database knows.
   *
   * @param until `patience()` from the beginning of the decision
   * @returns null if the database does not answer until then, or is down
   * @throws any other failure; without a replica, every failure
   */
  async need<T extends object | boolean>(asking: () => Promise<T>, until: number): Promise<T | null> {
    if (!this.replica.isFilled) return asking();
    if (!this.isUp) return null;
    const asked = this.begin(asking);
    return (await this.wait(asked)) ?? (await this.waitUntil(asked, until));
  }

  /** Until when a decision that begins now waits for what only the database knows, by `performance.now()`. */
  patience(): number {
    return performance.now() + NEEDED_WITHIN_MS;
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

  /** Waits longer for an answer. @returns null if it does not come until then, or the database is down */
  async waitUntil<T extends object | boolean>(asked: Promise<T | null>, until: number): Promise<T | null> {
    const leftMs = until - performance.now();
    if (leftMs <= 0 || !this.isUp) return null;
    let isDown!: Subscription;
    const down = new Promise<null>((resolve) => {
      isDown = this.check.failed.subscribe(() => resolve(null));
    });
    try {
      return await withDeadline(leftMs, Promise.race([asked, down]), () => null);
    } finally {
      isDown.unsubscribe();
    }
  }
}
