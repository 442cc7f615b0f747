import { Injectable } from '@nestjs/common';

import { OrderViewsService, type OrderStory } from '../../orders/order/order-views.service.js';
import { countryOf, masked, parseE164, parseSpelling, type Country, type E164 } from '../../phone-number/e164.js';
import { PhoneVault } from '../../phone-number/phone-vault.js';
import { plainSpelling } from '../../phone-number/plain-spelling.js';
import { phoneOf } from '../../phone-number/sealed-place.js';
import { AuditService } from '../../platform/audit/audit.service.js';
import type { Principal } from '../../platform/http/authentication/principal.js';
import { addSeconds, Clock } from '../../platform/clock/clock.js';
import { InvalidRequest } from '../../platform/http/request.problems.js';
import { AssignmentHistoryService } from '../../virtual-numbers/history/assignment-history.service.js';
import { CallDirectory } from '../../virtual-numbers/assignments/call-directory.js';
import type { AssignmentRecord } from '../../virtual-numbers/history/assignment-records.queries.js';
import { PoolsService } from '../../virtual-numbers/pools/pools.service.js';
import { VirtualNumbersService } from '../../virtual-numbers/numbers/virtual-numbers.service.js';
import { CAP_SECONDS, capOf } from '../calls/call-cap.js';
import { decideJoined, decideUnjoined, refusal, type Connect, type Verdict } from '../calls/call-decision.js';
import { outcomeOf, roleReached } from '../interactions/interactions.dto.js';
import { InteractionsService } from '../interactions/interactions.service.js';
import { RecentTries } from '../tries/recent-tries.js';
import { deletedAssignments, assignmentOf, calleeAsOf, reachableAsOf, unjoinedAsOf, type OnRecord } from './as-of.js';
import {
  FORGOTTEN,
  type Facts,
  type PolicyFacts,
  type RecordedCall,
  type ExplainedParticipant,
} from './explanation.js';

/** By how much the clock of whoever asks may be ahead of ours. */
const CLOCKS_DIFFER_SECONDS = 60;
/** Calls within this time of the given instant are listed, because people remember times only roughly. */
const AROUND_SECONDS = 10 * 60;
const MOST_CALLS = 20;

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

/**
 * Explains why a call from a phone to a number is, or was, decided as it was. Uses the router's own rules on the rows
 * of the given instant.
 */
@Injectable()
export class ExplainService {
  constructor(
    private readonly clock: Clock,
    private readonly vault: PhoneVault,
    private readonly directory: CallDirectory,
    private readonly history: AssignmentHistoryService,
    private readonly pools: PoolsService,
    private readonly numbers: VirtualNumbersService,
    private readonly orders: OrderViewsService,
    private readonly interactions: InteractionsService,
    private readonly tries: RecentTries,
    private readonly audit: AuditService,
  ) {}

  /** Writes an audit entry, then answers. @throws InvalidRequest if `to` is not a number or `at` is in the future */
  async explain(by: Principal, { from, to, at: asked }: WhatIsAsked): Promise<Facts> {
    const number = parseE164(plainSpelling(to));
    if (number === null) throw new InvalidRequest(['to must be one of our numbers in E.164, as in +918047000001']);
    const caller = parseSpelling(from.trim(), (countryOf(number) ?? 'IN') as Country);
    const callerKey = caller === null ? null : this.vault.keyOf(caller);
    // A number that is not ours may be a person's phone in the wrong field.
    const ours = await this.numbers.ours(number);
    await this.audit.record(by, { what: 'routing.explain', about: ours, phoneKey: callerKey });

    const now = this.clock.now();
    if (asked && asked > addSeconds(now, CLOCKS_DIFFER_SECONDS)) {
      throw new InvalidRequest(['at must not be in the future: what will be decided then is not known yet']);
    }
    const at = asked && asked < now ? asked : now;
    const record = await this.onRecord(ours, callerKey, at);
    const assignment = assignmentOf(record);
    const verdict =
      at < now ? await this.asItWas(record, assignment, callerKey !== null) : await this.asItIs(number, callerKey, at);
    return this.facts(
      record,
      { at, asOf: at < now ? 'then' : 'now', from: caller && masked(caller), number: ours ?? masked(number) },
      ours,
      verdict,
    );
  }

  /** What the router would answer now. */
  private async asItIs(number: E164, callerKey: Buffer | null, at: Date): Promise<Verdict> {
    const joined = callerKey && (await this.directory.findAssignment(number, callerKey));
    if (!joined) return decideUnjoined(await this.directory.describeUnjoined(number, callerKey), callerKey !== null);
    const verdict = decideJoined(joined, at, false);
    return this.withinCap(verdict, (connect, most) => this.tries.leaves(capOf(connect, most)));
  }

  /** What the router would have answered then; null if the phones of that time are deleted. */
  private async asItWas(
    record: OnRecord,
    assignment: AssignmentRecord | null,
    callerIsNumber: boolean,
  ): Promise<Verdict | null> {
    if (assignment && record.policy) {
      const reachable = reachableAsOf(assignment, record, record.policy);
      const row = { ...reachable, calleePhone: reachable.calleeId === null ? null : NOT_OPENED };
      return this.withinCap(decideJoined(row, record.at, false), async (connect, most) => {
        const since = addSeconds(record.at, -CAP_SECONDS);
        return (await this.interactions.countConnected(connect, since, record.at)) < most;
      });
    }
    const unjoined = decideUnjoined(unjoinedAsOf(record), callerIsNumber);
    const couldBeSomebody = ['UNKNOWN_CALLER', 'NO_SESSION', 'PIN_REQUIRED'].includes(unjoined.reason);
    return couldBeSomebody && deletedAssignments(record).length > 0 ? null : unjoined;
  }

  private async withinCap(
    verdict: Verdict,
    leaves: (connect: Connect, most: number) => Promise<boolean>,
  ): Promise<Verdict> {
    if (verdict.decision !== 'connect' || verdict.maxCallsPerHour === null) return verdict;
    return (await leaves(verdict, verdict.maxCallsPerHour)) ? verdict : refusal(verdict, 'CAP_REACHED');
  }

  private async onRecord(number: E164 | null, callerKey: Buffer | null, at: Date): Promise<OnRecord> {
    const [known, assignments, callerIsOursSince] = await Promise.all([
      number && this.history.numberOnRecord(number),
      this.history.pairsBy(number, callerKey, at),
      callerKey && this.history.oursSince(callerKey),
    ]);
    const policy =
      known && ((await this.pools.policyAt(known.poolId, at))?.policy ?? (await this.pools.byId(known.poolId)));
    const orderIds = [
      ...new Set(assignments.filter(({ isOfPhone }) => isOfPhone === true).map(({ orderId }) => orderId)),
    ];
    const [ofOrders, stories] = await Promise.all([
      Promise.all(orderIds.map((orderId) => this.history.pairsOfOrder(orderId))),
      this.orders.stories(orderIds),
    ]);
    const eventsOf = (orderId: string) => stories.get(orderId)?.events ?? [];
    return { at, number: known, policy, callerIsOursSince, assignments, ofOrders: ofOrders.flat(), eventsOf };
  }

  private async facts(
    record: OnRecord,
    question: Pick<Facts, 'at' | 'asOf' | 'from' | 'number'>,
    ours: E164 | null,
    verdict: Verdict | null,
  ): Promise<Facts> {
    const { at } = question;
    const assignment = assignmentOf(record);
    const forgotten = verdict === null ? deletedAssignments(record) : [];
    const calls =
      ours === null
        ? []
        : await this.interactions.around(
            ours,
            addSeconds(at, -AROUND_SECONDS),
            addSeconds(at, AROUND_SECONDS),
            MOST_CALLS,
          );
    const stories = await this.orders.stories([
      ...new Set(
        [verdict?.orderId, ...forgotten.map(({ orderId }) => orderId), ...calls.map(({ orderId }) => orderId)].filter(
          (id) => id != null,
        ),
      ),
    ]);
    const referenceOf = (orderId: string | null) =>
      orderId === null ? null : (stories.get(orderId)?.order.reference ?? null);
    const story = verdict?.orderId ? stories.get(verdict.orderId) : undefined;
    const connects = verdict?.decision === 'connect' ? verdict : null;
    return {
      ...question,
      decision: verdict?.decision ?? 'unknown',
      reason: verdict?.reason ?? FORGOTTEN,
      order: story
        ? { reference: story.order.reference, events: story.events.filter((event) => event.at <= at) }
        : null,
      caller: verdict?.callerRole ? this.somebody(verdict.callerRole, assignment?.diallerId ?? null, story) : null,
      callee: verdict?.calleeRole ? this.somebody(verdict.calleeRole, this.calleeId(verdict, record), story) : null,
      shownNumber: connects?.shownNumber ?? null,
      pair: assignment && assignment.orderId === verdict?.orderId ? assignment : null,
      policy: await this.policy(record, question.asOf),
      forgotten: forgotten.map((one) => ({
        reference: referenceOf(one.orderId) ?? 'unknown',
        role: one.diallerRole,
        calleeRole: one.calleeRole,
        participantId: one.diallerId,
        assignedAt: one.assignedAt,
        connectsUntil: one.connectsUntil,
      })),
      calls: calls.map((call): RecordedCall => ({
        provider: call.provider,
        providerCallId: call.providerCallId,
        at: call.at,
        from: call.callerRole ?? 'unknown',
        to: roleReached(call.steps),
        reference: referenceOf(call.orderId),
        decision: call.decision!,
        reason: call.reason!,
        outcome: outcomeOf(call),
      })),
    };
  }

  /** Whom the call reaches, or would reach if it were not refused; null if nobody is known. */
  private calleeId(verdict: Verdict, record: OnRecord): string | null {
    if (verdict.decision === 'connect') return verdict.calleeId;
    const assignment = assignmentOf(record);
    return assignment && calleeAsOf(assignment, record).calleeId;
  }

  private somebody(
    role: ExplainedParticipant['role'],
    participantId: string | null,
    story: OrderStory | undefined,
  ): ExplainedParticipant {
    const known = story?.participants.find(({ id }) => id === participantId);
    const phone = known?.phone ? masked(this.vault.open(known.phone, phoneOf(known.id))) : null;
    return { role, participantId, phone };
  }

  private async policy({ number, at }: OnRecord, asOf: Facts['asOf']): Promise<PolicyFacts | null> {
    if (!number) return null;
    const [now, held] = await Promise.all([this.pools.byId(number.poolId), this.pools.policyAt(number.poolId, at)]);
    const { direction, pin, quietHours, maxCallsPerHour, maxCallSeconds } = asOf === 'now' || !held ? now : held.policy;
    return {
      pool: now.name,
      since: held?.since ?? null,
      policy: { direction, pin, quietHours, maxCallsPerHour, maxCallSeconds },
    };
  }
}
