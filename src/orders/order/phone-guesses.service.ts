import { Injectable } from '@nestjs/common';
import { PinoLogger } from 'nestjs-pino';

import { Clock } from '../../platform/clock/clock.js';
import { Metrics } from '../../platform/observability/metrics.js';
import { TooManyPhonesTried } from './orders.problems.js';

/** An order that is passed from agent to agent all day stays below this. */
const PHONES_AN_HOUR = 20;
const HOUR_MS = 60 * 60 * 1_000;
/** Beyond this number, the longest unused references are forgotten. */
const MOST_REFERENCES = 20_000;

/**
 * Limits how many phones may be tried for one order. Responses reveal whether a phone is the stored one: the same order
 * placed again is accepted, with another phone it is not. So whoever has the API key could find a phone by trying. Only
 * the number of tried phones distinguishes that from normal use. The same phone again does not count. Each process
 * counts for itself.
 */
@Injectable()
export class PhoneGuesses {
  private readonly tried = new Map<string, { phones: Set<string>; untilMs: number }>();

  constructor(
    private readonly clock: Clock,
    private readonly metrics: Metrics,
    private readonly logger: PinoLogger,
  ) {
    logger.setContext(PhoneGuesses.name);
  }

  /**
   * Counts a phone that a request contains for an order: when the request is known to be valid, so that a wrong one
   * takes no try from a right one, and before the phone is compared.
   *
   * @param phoneKey the keyed lookup
   * @throws TooManyPhonesTried
   */
  count(reference: string, phoneKey: Buffer): void {
    const nowMs = this.clock.now().getTime();
    const known = this.tried.get(reference);
    const tries = known && nowMs < known.untilMs ? known : { phones: new Set<string>(), untilMs: nowMs + HOUR_MS };
    const phone = phoneKey.toString('base64url');
    if (!tries.phones.has(phone) && tries.phones.size >= PHONES_AN_HOUR) {
      this.metrics.phoneGuessesRefused.inc();
      this.logger.warn({ reference }, 'phone refused after many others for the same order');
      throw new TooManyPhonesTried(reference, Math.ceil((tries.untilMs - nowMs) / 1_000));
    }
    tries.phones.add(phone);
    this.tried.delete(reference); // keeps the longest unused first in the map
    this.tried.set(reference, tries);
    const [oldest] = this.tried.keys();
    if (this.tried.size > MOST_REFERENCES) this.tried.delete(oldest!);
  }
}
