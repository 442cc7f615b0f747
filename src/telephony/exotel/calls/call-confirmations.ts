import { setTimeout as sleep } from 'node:timers/promises';

import { Injectable } from '@nestjs/common';
import { PinoLogger } from 'nestjs-pino';

import { withDeadline } from '../../../platform/clock/deadline.js';
import { parseSpelling, readSpelling } from '../../../phone-number/e164.js';
import type { InboundCall } from '../../calls/inbound-call.js';
import { ExotelCallRecords, MOST_CALLS_AT_ONCE, type CallParties } from './exotel-call-records.js';
import { ExotelConfig } from '../exotel-config.js';

/** Exotel waits five seconds, and the decision may take three. */
const WITHIN_MS = 2_000;
/** Between two requests, so that at most two a second count against the account's rate limit. */
const APART_MS = 500;

interface Waiting {
  readonly callSid: string;
  readonly tell: (parties: CallParties | null) => void;
}

/**
 * Asks Exotel whether waiting calls exist. Sends one request at a time for all calls that are waiting, so at most two a
 * second, however many calls arrive.
 */
@Injectable()
export class ExotelCallConfirmations {
  private waiting: Waiting[] = [];
  private isAsking = false;

  constructor(
    private readonly config: ExotelConfig,
    private readonly records: ExotelCallRecords,
    private readonly logger: PinoLogger,
  ) {
    logger.setContext(ExotelCallConfirmations.name);
  }

  /**
   * Whether Exotel knows the call in progress, from this caller to this number. False also if Exotel does not answer in
   * time.
   */
  async confirm({ providerCallId, caller, dialled }: InboundCall): Promise<boolean> {
    const told = new Promise<CallParties | null>((tell) => this.waiting.push({ callSid: providerCallId, tell }));
    void this.askForAll();
    const parties = await withDeadline(WITHIN_MS, told, () => null);
    if (parties === null || parties.isOver) return false;
    const to = readSpelling(parties.to, this.config.country);
    if (to === null || !dialled.includes(to.number)) return false;
    return parseSpelling(parties.from, to.country ?? this.config.country) === caller;
  }

  private async askForAll(): Promise<void> {
    if (this.isAsking) return;
    this.isAsking = true;
    try {
      while (this.waiting.length > 0) {
        const batch = this.waiting.splice(0, MOST_CALLS_AT_ONCE);
        await Promise.all([this.ask(batch), sleep(APART_MS, null, { ref: false })]);
      }
    } finally {
      this.isAsking = false;
    }
  }

  /** Never rejects. Calls that no longer wait are resolved as well, without effect. */
  private async ask(batch: readonly Waiting[]): Promise<void> {
    const callSids = [...new Set(batch.map(({ callSid }) => callSid))];
    const asked = this.records.parties(callSids).catch((err: unknown) => {
      this.logger.warn({ err }, 'calls not confirmed');
      return new Map<string, CallParties>();
    });
    const found = await withDeadline(WITHIN_MS, asked, () => null);
    for (const { callSid, tell } of batch) tell(found?.get(callSid) ?? null);
  }
}
