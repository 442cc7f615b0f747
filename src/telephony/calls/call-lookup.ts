import { Injectable } from '@nestjs/common';

import type { E164 } from '../../phone-number/e164.js';
import { Readiness } from '../../platform/observability/readiness.js';
import { CallDirectory } from '../../virtual-numbers/assignments/call-directory.js';
import { Replica } from '../../virtual-numbers/replica/replica.js';
import { mayDecide } from '../../virtual-numbers/replica/row-age.js';
import { decideJoined, decideUnjoined, refusal } from './call-decision.js';
import type { InboundCall } from './inbound-call.js';
import type { DecisionSource, Refuse, Verdict } from '../decisions/verdict.js';
import type { KeyedCallFacts } from './pin-check.service.js';
import { PromptDatabase } from '../decisions/prompt-database.js';

/** Who is calling whom, before PINs and caps. */
export interface Found {
  readonly verdict: Verdict;
  /** Null = the dialled number is not ours, as far as is known. */
  readonly virtualNumber: E164 | null;
  /** No assignment joins caller and number. */
  readonly isMiss: boolean;
  readonly source: DecisionSource;
}

const NOBODY = { orderId: null, callerRole: null, calleeRole: null } as const;
const UNKNOWN_NUMBER: Refuse = { decision: 'refuse', reason: 'UNKNOWN_VN', ...NOBODY };
const NOT_KNOWN_HERE: Refuse = { decision: 'refuse', reason: 'TRY_LATER', ...NOBODY };

/** Looks up who is calling and whom they reach: in the database, or in the replica if the database does not answer. */
@Injectable()
export class CallLookup {
  constructor(
    private readonly directory: CallDirectory,
    private readonly replica: Replica,
    private readonly database: PromptDatabase,
    readiness: Readiness,
  ) {
    readiness.callsWithoutDatabase(() => replica.decides);
  }

  /**
   * @param alone whether the database is not asked, because the call was decided without it before
   * @param until when the database is given up, if the replica cannot decide
   * @throws the database's failure, if there is no replica
   */
  async find(
    call: InboundCall,
    callerKey: Buffer | null,
    now: Date,
    { alone, until }: { alone: boolean; until: number },
  ): Promise<Found> {
    if (!this.replica.isFilled) return this.inDatabase(call, callerKey, now);
    const asked =
      alone || !this.database.isUp ? null : this.database.begin(() => this.inDatabase(call, callerKey, now));
    const prompt = asked && (await this.database.wait(asked));
    if (prompt) return prompt;
    const copied = this.inReplica(call, callerKey, now);
    if (copied && copied.verdict.reason !== 'TRY_LATER') return copied;
    return (
      (asked && (await this.database.waitUntil(asked, until))) ??
      copied ?? { verdict: NOT_KNOWN_HERE, virtualNumber: this.numberOfOurs(call), isMiss: true, source: 'replica' }
    );
  }

  /** Looks up each form of the dialled number until one is ours. */
  private async inDatabase({ dialled }: InboundCall, callerKey: Buffer | null, now: Date): Promise<Found> {
    const source = 'database';
    for (const virtualNumber of dialled) {
      const joined = callerKey && (await this.directory.findAssignment(virtualNumber, callerKey));
      if (joined) return { verdict: decideJoined(joined, now, false), virtualNumber, isMiss: false, source };
      const facts = await this.directory.describeUnjoined(virtualNumber, callerKey);
      if (facts.numberIsOurs) {
        return { verdict: decideUnjoined(facts, callerKey !== null), virtualNumber, isMiss: true, source };
      }
    }
    return { verdict: UNKNOWN_NUMBER, virtualNumber: null, isMiss: true, source };
  }

  /** Null if the replica is too old, or does not know that this caller may dial the number. */
  private inReplica({ dialled }: InboundCall, callerKey: Buffer | null, now: Date): Found | null {
    if (callerKey === null) return null;
    for (const virtualNumber of dialled) {
      const row = this.replica.findAssignment(virtualNumber, callerKey);
      if (!row || !mayDecide(row, row.ageMs)) continue;
      const verdict = withoutCounting(decideJoined(row, now, false));
      return { verdict, virtualNumber, isMiss: false, source: 'replica' };
    }
    return null;
  }

  private numberOfOurs({ dialled }: InboundCall): E164 | null {
    return dialled.find((number) => this.replica.servesNumber(number)) ?? null;
  }
}

/** Who is calling whom, of a call that was read from the database together with its digits. */
export function foundIn(
  { virtualNumber, joined, unjoined }: KeyedCallFacts,
  callerIsNumber: boolean,
  now: Date,
): Found {
  const source = 'database';
  if (joined) return { verdict: decideJoined(joined, now, false), virtualNumber, isMiss: false, source };
  const verdict = virtualNumber === null ? UNKNOWN_NUMBER : decideUnjoined(unjoined, callerIsNumber);
  return { verdict, virtualNumber, isMiss: true, source };
}

/** PINs and caps are counted in the database. */
function withoutCounting(verdict: Verdict): Verdict {
  const counts = verdict.decision === 'ask-pin' || (verdict.decision === 'connect' && verdict.maxCallsPerHour !== null);
  return counts ? refusal(verdict, 'TRY_LATER') : verdict;
}
