import { Injectable } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import type { DataSource } from 'typeorm';

import { OrderViewsService } from '../../orders/views/order-views.service.js';
import type { ToldOrder } from '../../orders/views/order-story.queries.js';
import { countryOf, masked, parseE164, parseSpelling, type Country } from '../../phone-number/e164.js';
import { PhoneVault } from '../../phone-number/phone-vault.js';
import { plainSpelling } from '../../phone-number/plain-spelling.js';
import { phoneOf } from '../../phone-number/sealed-place.js';
import { AuditService } from '../../platform/audit/audit.service.js';
import { BatchedStatement } from '../../platform/database/batched-statement.js';
import { sharedPool } from '../../platform/database/statement.js';
import { maySeePool, type Principal } from '../../platform/http/authentication/principal.js';
import { addSeconds, Clock } from '../../platform/clock/clock.js';
import { InvalidRequest } from '../../platform/http/request.problems.js';
import { AssignmentHistoryService } from '../../virtual-numbers/history/assignment-history.service.js';
import type { AssignmentRecord } from '../../virtual-numbers/history/number-and-caller.queries.js';
import { CAP_SECONDS, capOf } from '../calls/call-cap.js';
import { decideJoined, decideUnjoined, refusal } from '../calls/call-decision.js';
import type { Verdict } from '../decisions/verdict.js';
import { wordsOf } from '../interactions/interaction-words.js';
import { toldOf } from '../interactions/interactions.dto.js';
import {
  calleeAsOf,
  isClosedAsOf,
  isUnconfirmedAsOf,
  mayDialAsOf,
  reachableAsOf,
  reachableNow,
  unjoinedAsOf,
  unjoinedNow,
  type OnRecord,
  type Reachable,
} from './as-of.js';
import { callsAround, type Around, type CallAround, type CallsAround, type Counting } from './calls-around.queries.js';
import {
  FORGOTTEN,
  type ExplainedParticipant,
  type Facts,
  type PolicyFacts,
  type RecordedCall,
} from './explanation.js';

/** By how much the clock of whoever asks may be ahead of ours. */
const CLOCKS_DIFFER_SECONDS = 60;
/** Calls within this time of the given instant are listed, because people remember times only roughly. */
const AROUND_SECONDS = 10 * 60;

/** Not on the call path; and no phone is decrypted for an explanation. */
const NOT_OPENED = Buffer.alloc(0);

export interface WhatIsAsked {
  /** As the client wrote it. Unreadable text counts as a withheld number. */
  readonly from: string;
  /** One of our numbers, in E.164. */
  readonly to: string;
  /** Null = now. */
  readonly at: Date | null;
}

/** The assignment that joins caller and number, and whom it reaches; null = none joins them. */
type Joined = { readonly assignment: AssignmentRecord; readonly reachable: Reachable } | null;

type Question = Pick<Facts, 'at' | 'asOf' | 'from' | 'number'>;

/**
 * Explains why a call from a phone to a number is, or was, decided as it was. Uses the router's own rules on the rows
 * of the given instant. Reads them in three statements, however many orders the number serves, and in one more if an
 * order was moved to its month. Explanations that are asked for at the same time share each statement.
 */
@Injectable()
export class ExplainService {
  private readonly around = new BatchedStatement<Around, CallsAround>((asked) =>
    callsAround(sharedPool(this.dataSource), asked),
  );

  constructor(
    @InjectDataSource() private readonly dataSource: DataSource,
    private readonly clock: Clock,
    private readonly vault: PhoneVault,
    private readonly history: AssignmentHistoryService,
    private readonly orders: OrderViewsService,
    private readonly audit: AuditService,
  ) {}

  /**
   * Writes an audit entry before it answers. To a key that is limited to pools, numbers of other pools are not ours.
   *
   * @throws InvalidRequest if `to` is not a number or `at` is in the future
   */
  async explain(by: Principal, { from, to, at: asked }: WhatIsAsked): Promise<Facts> {
    const number = parseE164(plainSpelling(to));
    if (number === null)
      throw new InvalidRequest(['to must be one of our numbers in E.164, as in +918047000001'], 'to');
    const caller = parseSpelling(from.trim(), (countryOf(number) ?? 'IN') as Country);
    const callerKey = caller === null ? null : this.vault.keyOf(caller);
    const now = this.clock.now();
    if (asked && asked > addSeconds(now, CLOCKS_DIFFER_SECONDS)) {
      throw new InvalidRequest(['at must not be in the future: what will be decided then is not known yet'], 'at');
    }
    const isPast = asked !== null && asked < now;
    const at = isPast ? asked : now;
    const record = await this.history.numberAndCaller({ numberKey: this.vault.keyOf(number), callerKey, at }, isPast);
    const known = record && maySeePool(by, record.pool.name) ? record : null;
    // A number that is not ours may be a person's phone in the wrong field: it is not stored, nor shown.
    const ours = known?.number ?? null;
    const question: Question = {
      at,
      asOf: isPast ? 'then' : 'now',
      from: caller && masked(caller),
      number: ours ?? masked(number),
    };
    const [facts] = await Promise.all([
      known ? this.facts({ ...known, at, asOf: question.asOf }, question, callerKey !== null) : notOurs(question),
      this.audit.record(by, { what: 'routing.explain', about: ours, phoneKey: callerKey }),
    ]);
    return facts;
  }

  private async facts(record: OnRecord, question: Question, callerIsNumber: boolean): Promise<Facts> {
    const { at, asOf } = record;
    const found = joinedBy(record);
    const unjoined = found ? null : decideUnjoined(unjoinedBy(record), callerIsNumber);
    const forgotten = unjoined && couldBeSomebody(unjoined) ? record.deleted : [];
    const { calls, counted } = await this.callsAround(record, found);
    const orderId = found?.assignment.orderId ?? (forgotten.length > 0 ? null : unjoined!.orderId);
    const { story, references } = await this.orders.storyAndReferences({
      orderId,
      others: [...forgotten, ...calls].map((one) => one.orderId).filter((id) => id !== null),
    });
    const referenceOf = (id: string | null) => (id === null ? null : (references.get(id) ?? null));
    const joined = asTold(found, record, story);
    const verdict = joined ? decide(record, joined, story, counted) : forgotten.length > 0 ? null : unjoined;
    return {
      ...question,
      decision: verdict?.decision ?? 'unknown',
      reason: verdict?.reason ?? FORGOTTEN,
      order: story && { reference: story.reference, events: story.events.filter((event) => event.at <= at) },
      caller: verdict?.callerRole ? this.somebody(verdict.callerRole, joined?.assignment.diallerId, story) : null,
      callee: verdict?.calleeRole ? this.somebody(verdict.calleeRole, calleeId(verdict, record), story) : null,
      shownNumber: verdict?.decision === 'connect' ? verdict.shownNumber : null,
      pair: joined?.assignment ?? null,
      policy: policyOf(record, asOf),
      forgotten: forgotten.map((one) => ({
        reference: referenceOf(one.orderId) ?? 'unknown',
        role: one.diallerRole,
        calleeRole: one.calleeRole,
        participantId: one.diallerId,
        assignedAt: one.assignedAt,
        connectsUntil: one.connectsUntil,
      })),
      calls: calls.map((call) => recorded(call, referenceOf(call.orderId))),
    };
  }

  private async callsAround({ number, at, asOf }: OnRecord, joined: Joined): Promise<CallsAround> {
    return this.around.ask({
      number,
      since: addSeconds(at, -AROUND_SECONDS),
      until: addSeconds(at, AROUND_SECONDS),
      counting: joined && counting(joined.reachable, at, asOf),
    });
  }

  private somebody(
    role: ExplainedParticipant['role'],
    participantId: string | null = null,
    story: ToldOrder | null,
  ): ExplainedParticipant {
    const known = story?.participants.find(({ id }) => id === participantId);
    const phone = known?.phone ? masked(this.vault.open(known.phone, phoneOf(known.id))) : null;
    return { role, participantId, phone };
  }
}

function joinedBy(record: OnRecord): Joined {
  const { joining: assignment, asOf } = record;
  if (!assignment) return null;
  return {
    assignment,
    reachable: asOf === 'now' ? reachableNow(assignment, record) : reachableAsOf(assignment, record),
  };
}

/** The same as the events of the order tell it: the assignment has the last direction that its link had. */
function asTold(joined: Joined, { at, asOf }: OnRecord, story: ToldOrder | null): Joined {
  if (!joined || asOf === 'now') return joined;
  const events = story?.events ?? [];
  const mayDial = mayDialAsOf(joined.assignment, events, at);
  const unconfirmed = isUnconfirmedAsOf(events, at);
  return { assignment: { ...joined.assignment, mayDial }, reachable: { ...joined.reachable, mayDial, unconfirmed } };
}

function unjoinedBy(record: OnRecord) {
  return record.asOf === 'now' ? unjoinedNow(record) : unjoinedAsOf(record);
}

/** Whether the caller may be somebody whose phone is deleted. */
function couldBeSomebody({ reason }: Verdict): boolean {
  return ['UNKNOWN_CALLER', 'NO_SESSION', 'PIN_REQUIRED'].includes(reason);
}

/** What counts to the cap of a caller; null = there is no cap. */
function counting(reachable: Reachable, at: Date, asOf: Facts['asOf']): Counting | null {
  const { orderId, diallerId, diallerRole, calleeId, maxCallsPerHour } = reachable;
  if (maxCallsPerHour === null || calleeId === null) return null;
  const since = addSeconds(at, -CAP_SECONDS);
  if (asOf === 'then') return { orderId, callerRole: diallerRole, calleeId, since, until: at };
  return { subject: capOf({ callerId: diallerId, calleeId }, maxCallsPerHour).subject, since };
}

/** What the router would answer a caller whom an assignment joins to the number. */
function decide(record: OnRecord, joined: NonNullable<Joined>, story: ToldOrder | null, counted: number): Verdict {
  const { assignment, reachable } = joined;
  const closed =
    record.asOf === 'now' ? assignment.quarantinedUntil !== null : isClosedAsOf(story?.events ?? [], record.at);
  const calleePhone = reachable.calleeId === null ? null : NOT_OPENED;
  const verdict = decideJoined({ ...reachable, closed, calleePhone }, record.at, false);
  const isOverCap =
    verdict.decision === 'connect' && verdict.maxCallsPerHour !== null && counted >= verdict.maxCallsPerHour;
  return isOverCap ? refusal(verdict, 'CAP_REACHED') : verdict;
}

/** Whom the call reaches, or would reach if it were not refused; null if nobody is known. */
function calleeId(verdict: Verdict, record: OnRecord): string | null {
  if (verdict.decision === 'connect') return verdict.calleeId;
  return record.joining && calleeAsOf(record.joining, record).calleeId;
}

function policyOf({ pool, held }: OnRecord, asOf: Facts['asOf']): PolicyFacts {
  const { direction, pin, quietHours, maxCallsPerHour, maxCallSeconds } = asOf === 'now' || !held ? pool : held.policy;
  return {
    pool: pool.name,
    since: held?.since ?? null,
    policy: { direction, pin, quietHours, maxCallsPerHour, maxCallSeconds },
  };
}

function recorded(call: CallAround, reference: string | null): RecordedCall {
  const { provider, providerCallId, at } = call;
  const told = toldOf(call);
  const { from, to, decision, reason, outcome } = told;
  return { ...{ provider, providerCallId, at, from, to, reference, decision, reason, outcome }, words: wordsOf(told) };
}

/** The explanation of a call to a number that is not ours. */
function notOurs(question: Question): Facts {
  const nothing = { order: null, caller: null, callee: null, shownNumber: null, pair: null, policy: null };
  return { ...question, decision: 'refuse', reason: 'UNKNOWN_VN', ...nothing, forgotten: [], calls: [] };
}
