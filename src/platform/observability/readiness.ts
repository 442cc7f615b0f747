import { Injectable, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import { PinoLogger } from 'nestjs-pino';
import { Gauge } from 'prom-client';

import { withDeadline } from '../clock/deadline.js';
import { Metrics } from './metrics.js';

/**
 * Checks one part of the process.
 *
 * @returns null if it works, else what is wrong in a few words. Anybody may read them, so they contain no names,
 *   addresses or secrets.
 */
export type ReadinessCheck = () => Promise<string | null>;

/** A check that takes longer has failed. */
const ANSWERS_WITHIN_MS = 2_000;

/** Failures are logged even if nobody requests `/health/ready`. */
const LOOKS_EVERY_MS = 5_000;

interface Known {
  readonly check: ReadinessCheck;
  /** Undefined until the first check. */
  wrong?: string | null;
  /** Epoch milliseconds. */
  since: number;
}

/**
 * Whether this process can serve: every named check passes. Logs each change, and exports the last result of each check
 * as `maskline_ready`.
 */
@Injectable()
export class Readiness implements OnApplicationBootstrap, OnApplicationShutdown {
  private readonly checks = new Map<string, Known>();
  private readonly gauge: Gauge<'check'>;
  private timer: NodeJS.Timeout | undefined;
  private looking: Promise<void> | null = null;

  constructor(
    metrics: Metrics,
    private readonly logger: PinoLogger,
  ) {
    logger.setContext(Readiness.name);
    this.gauge = new Gauge({
      name: 'maskline_ready',
      help: '1 while a readiness check passes, else 0, by check',
      labelNames: ['check'],
      registers: [metrics.registry],
    });
  }

  /** Adds a check. To be used while the modules start. @throws Error if the name is taken */
  add(name: string, check: ReadinessCheck): void {
    if (this.checks.has(name)) throw new Error(`There is already a readiness check named ${name}.`);
    this.checks.set(name, { check, since: Date.now() });
  }

  onApplicationBootstrap(): void {
    this.timer = setInterval(() => void this.look(), LOOKS_EVERY_MS).unref();
  }

  onApplicationShutdown(): void {
    clearInterval(this.timer);
  }

  /** Runs every check now. @returns what is wrong, by check; null = nothing */
  async ask(): Promise<Record<string, string | null>> {
    await this.look();
    return Object.fromEntries([...this.checks].map(([name, { wrong }]) => [name, wrong ?? null]));
  }

  /** Requests that arrive while the checks run share their results, so that frequent requests cost no more. */
  private async look(): Promise<void> {
    this.looking ??= Promise.all([...this.checks].map(([name, known]) => this.run(name, known))).then(() => {
      this.looking = null;
    });
    return this.looking;
  }

  private async run(name: string, known: Known): Promise<void> {
    const wrong = await answerOf(known.check);
    this.gauge.set({ check: name }, wrong === null ? 1 : 0);
    if (known.wrong === wrong) return;
    const wasDown = known.wrong != null;
    const downMs = Date.now() - known.since;
    if (wrong !== null && !wasDown) known.since = Date.now();
    known.wrong = wrong;
    if (wrong !== null) this.logger.error({ check: name, wrong }, 'readiness check failed');
    else if (wasDown) this.logger.info({ check: name, downMs }, 'readiness check recovered');
  }
}

/** Never rejects. */
async function answerOf(check: ReadinessCheck): Promise<string | null> {
  const looked = (async () => check())().catch(() => 'check failed');
  return withDeadline(ANSWERS_WITHIN_MS, looked, () => `no answer within ${ANSWERS_WITHIN_MS / 1000} s`);
}
