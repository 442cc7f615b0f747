import { Injectable } from '@nestjs/common';

import { CallPlacer, type CallToPlace } from '../../../src/telephony/providers/call-placer.js';
import { CallRecords, type CallRecord } from '../../../src/telephony/providers/call-records.js';
import type { CallEnd, Outcome } from '../../../src/telephony/providers/call-report.js';
import { orNull, TringaApi } from './tringa-api.js';
import { TringaConfig } from './tringa-config.js';

/** A call as Tringa tells of it. */
export interface BookedCall {
  readonly call: string;
  /** Null while it goes on. */
  readonly result: string | null;
  readonly talked: number;
}

const OUTCOME: Readonly<Record<string, Outcome>> = { talked: 'completed', engaged: 'busy', silent: 'no-answer' };

/** How a call ended; null while it goes on. */
export function endOf({ result, talked }: BookedCall): CallEnd | null {
  return result === null ? null : { state: 'ended', outcome: OUTCOME[result] ?? 'failed', talkSeconds: talked };
}

@Injectable()
export class TringaCallPlacer extends CallPlacer {
  constructor(
    private readonly api: TringaApi,
    private readonly config: TringaConfig,
  ) {
    super();
  }

  async place(call: CallToPlace): Promise<string> {
    const order = {
      ref: call.id,
      first: { to: call.caller.slice(1), as: call.shownToCaller.slice(1) },
      second: { to: call.callee.slice(1), as: call.shownToCallee.slice(1) },
      ring: call.ringSeconds,
      limit: call.talkSeconds,
      events: `${this.config.hooks}/event`,
    };
    return (await this.api.ask<BookedCall>('a call', 'POST', 'calls', order)).call;
  }

  async findPlaced({ id }: CallToPlace): Promise<string | null> {
    const { items } = await this.api.ask<{ items: BookedCall[] }>('the list of calls', 'GET', `calls?ref=${id}`);
    return items[0]?.call ?? null;
  }
}

@Injectable()
export class TringaCallRecords extends CallRecords {
  constructor(private readonly api: TringaApi) {
    super();
  }

  async find(providerCallId: string): Promise<CallRecord | null> {
    const booked = await orNull(this.api.ask<BookedCall>('the details of a call', 'GET', `calls/${providerCallId}`));
    return booked && { end: endOf(booked) };
  }
}
