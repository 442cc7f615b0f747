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

/** The result of all checks. */
export interface State {
  /** Ready = everything works; degraded = something works; not ready = nothing does; stopping = it works, but not for long. */
  readonly status: 'ready' | 'degraded' | 'not ready' | 'stopping';
  readonly works: readonly Work[];
  /** By check: null = it passes, or what is wrong. */
  readonly wrong: Readonly<Record<string, string | null>>;
}

/** What a process is there for. */
export type Work = 'calls' | 'orders';

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
  private callsAreDecided = () => false;
  private readonly harmless = new Set<string>();
  /** Whether this process was told to stop. It still answers every request. */
  isStopping = false;

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

  /** Says whether calls are decided while the check `database` fails. To be used while the modules start. */
  callsWithoutDatabase(areDecided: () => boolean): void {
    this.callsAreDecided = areDecided;
  }

  /** Adds a check whose failure is reported, but stops nothing. To be used while the modules start. */
  addHarmless(name: string, check: ReadinessCheck): void {
    this.add(name, check);
    this.harmless.add(name);
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

  /** Runs every check now. */
  async ask(): Promise<State> {
    const state = await this.check();
    return this.isStopping ? { ...state, status: 'stopping' } : state;
  }

  private async check(): Promise<State> {
    await this.look();
    const wrong = Object.fromEntries([...this.checks].map(([name, { wrong }]) => [name, wrong ?? null]));
    const failed = Object.keys(wrong).filter((name) => wrong[name] !== null);
    if (failed.length === 0) return { status: 'ready', works: ['calls', 'orders'], wrong };
    if (failed.every((name) => this.harmless.has(name))) {
      return { status: 'degraded', works: ['calls', 'orders'], wrong };
    }
    const callsWork = failed.includes('database') && this.callsAreDecided();
    return { status: callsWork ? 'degraded' : 'not ready', works: callsWork ? ['calls'] : [], wrong };
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
