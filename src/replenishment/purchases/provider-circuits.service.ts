import { Injectable } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import { PinoLogger } from 'nestjs-pino';
import type { DataSource } from 'typeorm';

import { Clock } from '../../platform/clock/clock.js';
import { gaugeOnScrape } from '../../platform/observability/gauge-on-scrape.js';
import { Metrics } from '../../platform/observability/metrics.js';
import {
  ProviderBusy,
  ProviderNotAsked,
  ProviderRefused,
  ProviderUnavailable,
} from '../../telephony/providers/provider-errors.js';
import { ProviderRegistry } from '../../telephony/providers/provider-registry.js';
import type { ProviderName } from '../../virtual-numbers/provider-name.js';
import { ProviderNotSetUp } from '../../virtual-numbers/pools/virtual-numbers.problems.js';
import { isOfAccount } from './number-set-up.service.js';
import type { ProviderAccount } from './provider-account.js';
import {
  circuitOf,
  circuits,
  closeCircuit,
  countFailure,
  mayTry,
  openCircuit,
  startCounting,
  type ProviderUse,
} from './provider-circuits.queries.js';
import { recordSupplyEvent } from '../supply-events/supply-events.queries.js';

/** The provider failed recently, so no request was sent. */
export class CircuitIsOpen extends ProviderUnavailable {}

/** Failures in a row that open a circuit. A refusal of the account opens it at once. */
const FAILURES_BORNE = 3;
const FIRST_PAUSE_MS = 5_000;
const LONGEST_PAUSE_MS = 60_000;
/** The longest Retry-After that is obeyed. */
const LONGEST_RETRY_AFTER_MS = 15 * 60_000;
/** A wait up to this length does not open a circuit: the round's next attempt comes later anyway. */
const SHORT_MS = 5_000;
/** If the process that tries dies, another may try after this long. */
const TRIAL_MS = 30_000;

/**
 * Sends requests to providers through a circuit breaker. A circuit opens when a provider fails repeatedly, cannot be
 * reached, or refuses the account. A busy provider (429) is not down; its circuit is open only for its Retry-After.
 * Circuits are in PostgreSQL, so one process finds out for all that a provider works again.
 */
@Injectable()
export class ProviderCircuits {
  constructor(
    @InjectDataSource() private readonly dataSource: DataSource,
    private readonly clock: Clock,
    private readonly providers: ProviderRegistry,
    private readonly metrics: Metrics,
    private readonly logger: PinoLogger,
  ) {
    logger.setContext(ProviderCircuits.name);
    gaugeOnScrape(
      metrics,
      {
        name: 'maskline_provider_in_trouble',
        help: '1 while no requests are sent to a provider because it failed, by provider and use',
        labelNames: ['provider', 'use'],
      },
      async () =>
        (await circuits(dataSource.manager))
          .filter(({ openUntil }) => openUntil !== null)
          .map(({ provider, use }) => ({ labels: { provider, use }, value: 1 })),
    );
  }

  /**
   * Runs `work` with a provider, unless its circuit is open.
   *
   * @param hasWorked whether `work` had a success before it failed; the failures before it then no longer count
   * @throws ProviderNotSetUp; CircuitIsOpen if no request was sent; whatever `work` throws
   */
  async ask<T>(
    name: ProviderName,
    use: ProviderUse,
    work: (account: ProviderAccount) => Promise<T>,
    hasWorked: () => boolean = () => false,
  ): Promise<T> {
    const { numbers: provider } = this.providers.of(name);
    await this.mustBeClosed(name, use);
    try {
      const done = await work({ name, provider });
      await this.wentWell(name, use);
      return done;
    } catch (failure) {
      if (hasWorked()) await this.wentWell(name, use);
      if (isTrouble(failure)) await this.failed(name, use, failure);
      throw failure;
    }
  }

  private async mustBeClosed(name: ProviderName, use: ProviderUse): Promise<void> {
    const circuit = await circuitOf(this.dataSource.manager, name, use);
    if (circuit === null || circuit.openUntil === null) return;
    const now = this.clock.now();
    const triesUntil = new Date(now.getTime() + TRIAL_MS);
    if (await mayTry(this.dataSource.manager, name, use, now, triesUntil)) return;
    const until = circuit.openUntil.toISOString();
    throw new CircuitIsOpen(`${name} gets no requests until ${until}: ${circuit.reason}`, {
      retryAfterMs: Math.max(circuit.openUntil.getTime() - now.getTime(), 0),
    });
  }

  private async wentWell(name: ProviderName, use: ProviderUse): Promise<void> {
    if (!(await closeCircuit(this.dataSource.manager, name, use))) return;
    const detail = `${name} answers again (${use}).`;
    await recordSupplyEvent(this.dataSource.manager, {
      kind: 'provider.recovered',
      provider: name,
      detail,
      at: this.clock.now(),
    });
    this.logger.info({ provider: name, use }, 'provider recovered');
  }

  private async failed(name: ProviderName, use: ProviderUse, failure: Trouble): Promise<void> {
    if (failure instanceof ProviderNotAsked) return;
    this.metrics.providerFailures.inc({ provider: name, use });
    const { retryAfterMs = 0 } = failure instanceof ProviderUnavailable ? failure.options : {};
    const waitMs = Math.min(retryAfterMs, LONGEST_RETRY_AFTER_MS);
    if (failure instanceof ProviderBusy) {
      const tx = this.dataSource.manager;
      const isOpen = (await circuitOf(tx, name, use))?.openUntil != null;
      if (waitMs <= SHORT_MS && !isOpen) return;
      await startCounting(tx, name, use, failure.message);
      await this.open(name, use, waitMs, failure);
      return;
    }
    const failures = await countFailure(this.dataSource.manager, name, use, failure.message);
    const isDown = failures >= FAILURES_BORNE || (failure instanceof ProviderRefused && isOfAccount(failure));
    if (isDown || waitMs > SHORT_MS)
      await this.open(name, use, Math.max(isDown ? pauseMs(failures) : 0, waitMs), failure);
  }

  private async open(name: ProviderName, use: ProviderUse, ms: number, failure: Trouble): Promise<void> {
    const now = this.clock.now();
    const until = new Date(now.getTime() + ms);
    if (!(await openCircuit(this.dataSource.manager, name, use, until))) return;
    const detail = `${name} is in trouble (${use}) and gets no requests for a while: ${failure.message}`;
    await recordSupplyEvent(this.dataSource.manager, { kind: 'provider.in-trouble', provider: name, detail, at: now });
    this.logger.warn({ provider: name, use, until, err: failure }, 'provider in trouble');
  }
}

type Trouble = ProviderUnavailable | ProviderRefused;

/** Whether the failure is the provider's, not ours. */
export function isTrouble(failure: unknown): failure is Trouble {
  return failure instanceof ProviderUnavailable || failure instanceof ProviderRefused;
}

/** Whether a provider cannot be used now, for whatever reason. */
export function cannotBeHad(failure: unknown): boolean {
  return isTrouble(failure) || failure instanceof ProviderNotSetUp;
}

/** Doubles with each failure, with random jitter. */
function pauseMs(failures: number): number {
  const most = Math.min(FIRST_PAUSE_MS * 2 ** Math.max(failures - FAILURES_BORNE, 0), LONGEST_PAUSE_MS);
  return most / 2 + (Math.random() * most) / 2;
}
