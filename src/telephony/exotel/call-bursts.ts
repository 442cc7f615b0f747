import { Injectable } from '@nestjs/common';
import { RateLimiterMemory, RateLimiterRes } from 'rate-limiter-flexible';

import type { InboundCall } from '../call-decision.js';
import { ExotelConfig } from './exotel-config.js';

/**
 * Whoever knows the secret could try callers until one is answered with a phone, and only the number of such questions
 * betrays it. Counted by each process for itself: what is to be told apart is a few calls a minute from thousands.
 */
@Injectable()
export class ExotelCallBursts {
  private readonly ofNumber: RateLimiterMemory | null;
  private readonly ofCaller: RateLimiterMemory | null;

  constructor(config: ExotelConfig) {
    const { callsPerNumber, callsPerCaller } = config.callbacks;
    this.ofNumber = aMinutesLimit('number', callsPerNumber);
    this.ofCaller = aMinutesLimit('caller', callsPerCaller);
  }

  /** Counts a call, and says of what there are too many now: calls to its number, or of its caller. */
  async count({ dialled, caller }: InboundCall): Promise<'number-burst' | 'caller-burst' | null> {
    for (const number of dialled) if (await isOver(this.ofNumber, number)) return 'number-burst';
    return caller !== null && (await isOver(this.ofCaller, caller)) ? 'caller-burst' : null;
  }
}

function aMinutesLimit(keyPrefix: string, points: number | null): RateLimiterMemory | null {
  return points === null ? null : new RateLimiterMemory({ keyPrefix, points, duration: 60 });
}

async function isOver(limiter: RateLimiterMemory | null, key: string): Promise<boolean> {
  if (limiter === null) return false;
  try {
    await limiter.consume(key);
    return false;
  } catch (refusal) {
    if (refusal instanceof RateLimiterRes) return true;
    throw refusal;
  }
}
