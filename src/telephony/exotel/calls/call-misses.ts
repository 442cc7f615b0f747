import { Injectable } from '@nestjs/common';
import { PinoLogger } from 'nestjs-pino';
import { RateLimiterMemory, RateLimiterRes } from 'rate-limiter-flexible';

import { Metrics } from '../../../platform/observability/metrics.js';
import type { InboundCall } from '../../calls/inbound-call.js';
import type { CallScreen } from '../../calls/call-screen.js';
import { ExotelCallConfirmations } from './call-confirmations.js';
import { ExotelConfig } from '../exotel-config.js';

const MINUTE_SECONDS = 60;
/** How long calls are confirmed after too many callers have missed. */
const SUSPECTED_FOR_SECONDS = 10 * 60;
const ALL = 'all';

/**
 * Protection against somebody who knows the secret and tries callers until one is answered with a phone. Their guesses
 * miss: no assignment joins caller and number. While too many different callers miss, a call that matches is confirmed
 * with Exotel before it is answered. A matching call that Exotel knows is never refused because of other callers. Each
 * process counts for itself; docs/decisions/0079-a-match-is-confirmed-while-many-callers-miss.md.
 */
@Injectable()
export class ExotelCallMisses implements CallScreen {
  /** Different callers that missed: on one number, and on all numbers. */
  private readonly onNumber: RateLimiterMemory | null;
  private readonly onAll: RateLimiterMemory | null;
  /** Missed calls of one caller. */
  private readonly ofCaller: RateLimiterMemory | null;
  private readonly once = new RateLimiterMemory({ keyPrefix: 'once', points: 1, duration: MINUTE_SECONDS });

  constructor(
    config: ExotelConfig,
    private readonly confirmations: ExotelCallConfirmations,
    private readonly metrics: Metrics,
    private readonly logger: PinoLogger,
  ) {
    const { missesPerNumber, missesInAll, missesPerCaller } = config.callbacks;
    this.onNumber = aMinutesLimit('number', missesPerNumber, SUSPECTED_FOR_SECONDS);
    this.onAll = aMinutesLimit('all', missesInAll, SUSPECTED_FOR_SECONDS);
    this.ofCaller = aMinutesLimit('caller', missesPerCaller, 0);
    logger.setContext(ExotelCallMisses.name);
    // An alert sees only a rise: a counter that begins at 1 has none.
    metrics.callersTriedOut.inc({ provider: 'exotel', of: 'number' }, 0);
    metrics.callersTriedOut.inc({ provider: 'exotel', of: 'all' }, 0);
  }

  /**
   * A caller who keeps missing is refused for the rest of the minute. A withheld caller cannot match, so does not
   * count.
   */
  async missed({ caller, dialled, providerCallId }: InboundCall): Promise<boolean> {
    if (caller === null) return true;
    if (await this.isNew(`${caller} ${dialled.join()}`)) {
      for (const number of dialled) await this.count(this.onNumber, number, 'number');
      await this.count(this.onAll, ALL, 'all');
    }
    if (this.ofCaller === null) return true;
    if (!(await this.isNew(`call ${providerCallId}`))) return !(await isOver(this.ofCaller, caller));
    const { allowed } = await take(this.ofCaller, caller);
    if (!allowed) this.metrics.callbacksRefused.inc({ provider: 'exotel', why: 'caller-misses' });
    return allowed;
  }

  async admits(call: InboundCall): Promise<boolean> {
    if (!(await this.isSuspected(call))) return true;
    const isReal = await this.confirmations.confirm(call);
    this.metrics.callsConfirmed.inc({ provider: 'exotel', confirmed: String(isReal) });
    if (!isReal) this.logger.warn({ callId: call.providerCallId }, 'call not confirmed by its provider');
    return isReal;
  }

  private async isSuspected({ dialled }: InboundCall): Promise<boolean> {
    if (this.onAll && (await isOver(this.onAll, ALL))) return true;
    for (const number of dialled) if (this.onNumber && (await isOver(this.onNumber, number))) return true;
    return false;
  }

  private async isNew(what: string): Promise<boolean> {
    return (await take(this.once, what)).allowed;
  }

  private async count(limiter: RateLimiterMemory | null, key: string, of: 'number' | 'all'): Promise<void> {
    if (limiter === null) return;
    const { consumed } = await take(limiter, key);
    if (consumed !== limiter.points + 1) return;
    this.metrics.callersTriedOut.inc({ provider: 'exotel', of });
    this.logger.error(
      { of, confirmedForSeconds: SUSPECTED_FOR_SECONDS },
      'callers tried out, matches are confirmed now',
    );
  }
}

function aMinutesLimit(keyPrefix: string, points: number | null, blockDuration: number): RateLimiterMemory | null {
  return points === null ? null : new RateLimiterMemory({ keyPrefix, points, duration: MINUTE_SECONDS, blockDuration });
}

async function isOver(limiter: RateLimiterMemory, key: string): Promise<boolean> {
  return ((await limiter.get(key))?.consumedPoints ?? 0) > limiter.points;
}

async function take(limiter: RateLimiterMemory, key: string): Promise<{ allowed: boolean; consumed: number }> {
  try {
    return { allowed: true, consumed: (await limiter.consume(key)).consumedPoints };
  } catch (refusal) {
    if (refusal instanceof RateLimiterRes) return { allowed: false, consumed: refusal.consumedPoints };
    throw refusal;
  }
}
