import { createHmac, randomBytes } from 'node:crypto';

import { Injectable } from '@nestjs/common';
import { PinoLogger } from 'nestjs-pino';

import { Clock } from '../../platform/clock/clock.js';
import { Metrics } from '../../platform/observability/metrics.js';
import { TooManyPhonesTried } from '../order/orders.problems.js';

/** An order that is handed on from agent to agent all day stays below it. */
const PHONES_AN_HOUR = 20;
const HOUR_MS = 60 * 60 * 1_000;
/** The longest unused are forgotten beyond them. */
const MOST_REFERENCES = 20_000;

/**
 * An order tells by its answers whether a phone is the one it knows: the same order placed again is accepted, with
 * another phone it is not. So whoever has the API key could find a phone by trying them; only the number of phones that
 * are tried for one order tells that from use. The same phone again is no try. Each process counts for itself.
 */
@Injectable()
export class PhoneGuesses {
  private readonly secret = randomBytes(32);
  private readonly tried = new Map<string, { phones: Set<string>; untilMs: number }>();

  constructor(
    private readonly clock: Clock,
    private readonly metrics: Metrics,
    private readonly logger: PinoLogger,
  ) {
    logger.setContext(PhoneGuesses.name);
  }

  /** Counts a phone that is brought for an order, before it is compared. @throws TooManyPhonesTried */
  count(reference: string, phone: string): void {
    const nowMs = this.clock.now().getTime();
    const known = this.tried.get(reference);
    const tries = known && nowMs < known.untilMs ? known : { phones: new Set<string>(), untilMs: nowMs + HOUR_MS };
    const digest = createHmac('sha256', this.secret).update(phone).digest('base64url').slice(0, 16);
    if (!tries.phones.has(digest) && tries.phones.size >= PHONES_AN_HOUR) {
      this.metrics.phoneGuessesRefused.inc();
      this.logger.warn({ reference }, 'phone refused after many others for the same order');
      throw new TooManyPhonesTried(reference, Math.ceil((tries.untilMs - nowMs) / 1_000));
    }
    tries.phones.add(digest);
    this.tried.delete(reference); // so that the map has the longest unused first
    this.tried.set(reference, tries);
    const [oldest] = this.tried.keys();
    if (this.tried.size > MOST_REFERENCES) this.tried.delete(oldest!);
  }
}
