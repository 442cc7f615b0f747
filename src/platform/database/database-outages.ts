import { Injectable, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import { PinoLogger } from 'nestjs-pino';

import { DatabaseCheck } from './database-check.js';
import { isDatabaseTrouble } from './connections/database-trouble.js';

const TELLS_EVERY_MS = 10_000;
const LOOKS_EVERY_MS = 1_000;

interface Outage {
  readonly since: number;
  failures: number;
  untold: number;
  lastErr: unknown;
  lastAt: number;
  toldAt: number;
}

/**
 * Logs failures. While the database is unavailable, everything fails: then only the first failure is logged in full,
 * the others are counted and reported every ten seconds, and the end is reported as well.
 */
@Injectable()
export class DatabaseOutages implements OnApplicationBootstrap, OnApplicationShutdown {
  private outage: Outage | null = null;
  private timer: NodeJS.Timeout | undefined;
  /** What was last told of a pooler: whether it supports named statements. */
  private toldNames: boolean | null = null;

  constructor(
    private readonly check: DatabaseCheck,
    private readonly logger: PinoLogger,
  ) {
    logger.setContext(DatabaseOutages.name);
  }

  onApplicationBootstrap(): void {
    this.timer = setInterval(() => this.look(), LOOKS_EVERY_MS).unref();
  }

  onApplicationShutdown(): void {
    clearInterval(this.timer);
  }

  /** @param logger of the class that noticed the failure */
  failed(
    logger: PinoLogger,
    fields: { readonly err: unknown; readonly [field: string]: unknown },
    message: string,
  ): void {
    if (!isDatabaseTrouble(fields.err)) return logger.error(fields, message);
    const now = performance.now();
    if (this.outage === null) {
      this.outage = { since: now, failures: 0, untold: 0, lastErr: fields.err, lastAt: now, toldAt: now };
      logger.error(fields, message);
    } else {
      this.outage.untold += 1;
    }
    this.outage.failures += 1;
    this.outage.lastErr = fields.err;
    this.outage.lastAt = now;
  }

  private look(): void {
    this.tellOfPooler();
    if (this.outage === null) return;
    const now = performance.now();
    const { since, failures, untold, lastErr, lastAt, toldAt } = this.outage;
    const outageMs = Math.round(now - since);
    if (this.check.passed && now - lastAt > 2 * LOOKS_EVERY_MS && this.check.lookedAt > lastAt) {
      this.logger.info({ failures, outageMs }, 'database available again');
      this.outage = null;
    } else if (now - toldAt >= TELLS_EVERY_MS && untold > 0) {
      this.logger.error({ err: lastErr, failures, untold, outageMs }, 'database unavailable');
      this.outage.untold = 0;
      this.outage.toldAt = now;
    }
  }

  private tellOfPooler(): void {
    const { pooler } = this.check;
    if (pooler === null || pooler.supportsNames === this.toldNames) return;
    this.toldNames = pooler.supportsNames;
    this.logger.info({ preparedStatements: pooler.supportsNames }, 'connection pooler detected');
  }
}
