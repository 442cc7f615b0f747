import { Injectable } from '@nestjs/common';
import { PinoLogger } from 'nestjs-pino';

import { withDeadline } from '../../platform/clock/deadline.js';
import type { E164 } from '../../phone-number/e164.js';
import { PhoneVault } from '../../phone-number/phone-vault.js';
import { phoneOf } from '../../phone-number/sealed-place.js';
import { addSeconds, Clock } from '../../platform/clock/clock.js';
import { CallConnections } from '../../platform/database/call-connections.js';
import { DatabaseOutages } from '../../platform/database/database-outages.js';
import { Metrics } from '../../platform/observability/metrics.js';
import { CallDirectory } from '../../virtual-numbers/assignments/call-directory.js';
import { PIN_DIGITS } from '../../virtual-numbers/assignments/pin.js';
import { capOf } from './call-cap.js';
import type { CallScreen } from './call-screen.js';
import {
  decideJoined,
  decideUnjoined,
  refusal,
  type Connect,
  type InboundCall,
  type Refuse,
  type Verdict,
} from './call-decision.js';
import type { AskReason, ConnectReason, RefuseReason } from './call-reasons.js';
import { DecisionRecords } from './decision-records.js';
import type { Step } from './interaction.entity.js';
import { findAnswered, findLastDecision, secretOfCall, type LastDecision } from './interactions.queries.js';
import { PinCheckService } from './pin-check.service.js';
import { RecentTries } from '../tries/recent-tries.js';
import { aRepeatSecret, REPEATED_FOR_SECONDS } from './repeat-secrets.js';

/** The phone to ring and how, a refusal, or a question for a PIN. */
export type RoutedCall = RoutedConnect | RoutedRefusal | RoutedAsk;

/** The only place where a callee's phone is in clear. */
export interface RoutedConnect {
  readonly decision: 'connect';
  readonly reason: ConnectReason;
  readonly callee: E164;
  /** The caller ID to show. */
  readonly shownNumber: E164;
  /** As the pool's policy says. Each provider limits both values to what it supports. */
  readonly ringSeconds: number;
  readonly talkSeconds: number;
  readonly record: boolean;
}

export interface RoutedRefusal {
  readonly decision: 'refuse';
  readonly reason: RefuseReason;
}

/**
 * The digits come with another request. A provider that cannot ask within an answer rings nobody and lets the flow ask.
 */
export interface RoutedAsk {
  readonly decision: 'ask-pin';
  readonly reason: AskReason;
  /** The number of digits of a PIN. */
  readonly digits: number;
}

const UNKNOWN_NUMBER: Refuse = {
  decision: 'refuse',
  reason: 'UNKNOWN_VN',
  orderId: null,
  callerRole: null,
  calleeRole: null,
};

/** Well below the time that providers wait: Exotel 5 s, Twilio 15 s. */
const DEADLINE_MS = 3_000;

/** How long after the latest possible end of a call its report may take. */
const END_NEWS_SECONDS = 15 * 60;

/**
 * Decides calls: who is calling, which number was dialled, and whether a live order joins them. If any of these is
 * unknown, nobody is rung.
 */
@Injectable()
export class CallRoutingService {
  constructor(
    private readonly connections: CallConnections,
    private readonly clock: Clock,
    private readonly vault: PhoneVault,
    private readonly directory: CallDirectory,
    private readonly pins: PinCheckService,
    private readonly records: DecisionRecords,
    private readonly tries: RecentTries,
    private readonly metrics: Metrics,
    private readonly outages: DatabaseOutages,
    private readonly logger: PinoLogger,
  ) {
    logger.setContext(CallRoutingService.name);
  }

  /**
   * Decides a call and records the decision. If the provider repeats the request within a minute, at the same step and
   * with the same digits, it gets the same answer, as long as the call has not ended and would still reach the same
   * person. After a call was connected, no other step is decided. Never rejects: any failure, or a decision that takes
   * longer than three seconds, is a refusal.
   *
   * @param screen checks whether the call exists, for providers whose requests do not prove it
   */
  async route(call: InboundCall, screen?: CallScreen): Promise<RoutedCall> {
    const stop = this.metrics.decisionSeconds.startTimer();
    const decided = this.decideAndRecord(call, screen).catch((err: unknown): RoutedCall => {
      const fields = { err, provider: call.provider, callId: call.providerCallId };
      this.outages.failed(this.logger, fields, 'call not decided');
      return { decision: 'refuse', reason: 'STALE_STATE' };
    });
    const routed = await withDeadline(DEADLINE_MS, decided, (): RoutedCall => ({
      decision: 'refuse',
      reason: 'STALE_STATE',
    }));
    stop();
    this.metrics.decisions.inc({ provider: call.provider, decision: routed.decision, reason: routed.reason });
    return routed;
  }

  /** The last decision about a call, which determines what the caller hears; null if the call is unknown. */
  async lastDecision(provider: string, providerCallId: string): Promise<LastDecision | null> {
    return findLastDecision(this.connections, provider, providerCallId);
  }

  private async decideAndRecord(call: InboundCall, screen?: CallScreen): Promise<RoutedCall> {
    const at = this.clock.now();
    const secret = await this.secretFor(call, at);
    if (secret === null) return { decision: 'refuse', reason: 'CALL_OVER' };
    const stepName = this.nameOfStep(call, secret);
    const { verdict, virtualNumber, isHeard } = await this.decide(call, stepName, at, screen);
    if (!isHeard) return { decision: 'refuse', reason: 'TOO_MANY_MISSES' };
    const { provider, providerCallId } = call;
    const isFirst = await this.records.record({
      provider,
      providerCallId,
      stepName,
      step: this.describe(call, verdict, at, secret),
      virtualNumber,
      verdict,
      at,
      askAt: endExpected(verdict, at),
      secret,
    });
    if (!isFirst) return this.repeat(call, stepName, verdict, at);
    this.logger.info(
      {
        provider,
        callId: providerCallId,
        orderId: verdict.orderId,
        decision: verdict.decision,
        reason: verdict.reason,
      },
      'call decided',
    );
    return this.answer(verdict);
  }

  /**
   * The secret that keys what is stored of the call's requests. It is part of the name of steps with digits, so it must
   * be the call's own.
   */
  private async secretFor(call: InboundCall, at: Date): Promise<Buffer | null> {
    const offered = aRepeatSecret();
    if (call.digits === null) return offered;
    const { provider, providerCallId } = call;
    return secretOfCall(this.connections, { provider, providerCallId, at, offered });
  }

  private async decide(
    call: InboundCall,
    stepName: string,
    now: Date,
    screen: CallScreen | undefined,
  ): Promise<{ verdict: Verdict; virtualNumber: E164 | null; isHeard: boolean }> {
    const callerKey = call.caller === null ? null : this.vault.keyOf(call.caller);
    const found = await this.look(call, callerKey, now);
    const { virtualNumber } = found;
    let { verdict } = found;
    if (screen && found.isMiss && !(await screen.missed(call)) && verdict.decision === 'refuse') {
      return { verdict, virtualNumber, isHeard: false };
    }
    const { digits } = call;
    const mayConnect = verdict.decision === 'connect' || (verdict.decision === 'ask-pin' && digits !== null);
    if (screen && mayConnect && !(await screen.admits(call))) {
      return { verdict: refusal(verdict, 'NOT_CONFIRMED'), virtualNumber, isHeard: true };
    }
    if (verdict.decision === 'ask-pin' && digits !== null && virtualNumber !== null) {
      verdict = await this.pins.judge(verdict, { call, stepName, digits, virtualNumber, callerKey, now });
    }
    if (verdict.decision === 'connect' && verdict.maxCallsPerHour !== null) {
      verdict = await this.withinCap(verdict, verdict.maxCallsPerHour, call);
    }
    return { verdict, virtualNumber, isHeard: true };
  }

  /** Looks up each form of the dialled number until one is ours. */
  private async look(
    { dialled }: InboundCall,
    callerKey: Buffer | null,
    now: Date,
  ): Promise<{ verdict: Verdict; virtualNumber: E164 | null; isMiss: boolean }> {
    for (const virtualNumber of dialled) {
      const joined = callerKey && (await this.directory.findAssignment(virtualNumber, callerKey));
      if (joined) return { verdict: decideJoined(joined, now, false), virtualNumber, isMiss: false };
      const facts = await this.directory.describeUnjoined(virtualNumber, callerKey);
      if (facts.numberIsOurs)
        return { verdict: decideUnjoined(facts, callerKey !== null), virtualNumber, isMiss: true };
    }
    return { verdict: UNKNOWN_NUMBER, virtualNumber: null, isMiss: true };
  }

  /** Counts a call that is about to connect, once for all its requests. */
  private async withinCap(verdict: Connect, most: number, call: InboundCall): Promise<Verdict> {
    const { granted } = await this.tries.take(capOf(verdict, most), `${call.provider} ${call.providerCallId}`);
    return granted ? verdict : refusal(verdict, 'CAP_REACHED');
  }

  private answer(verdict: Verdict): RoutedCall {
    if (verdict.decision === 'refuse') return { decision: 'refuse', reason: verdict.reason };
    if (verdict.decision === 'ask-pin') return { decision: 'ask-pin', reason: verdict.reason, digits: PIN_DIGITS };
    const { reason, calleeId, calleePhone, shownNumber, ringSeconds, talkSeconds, record } = verdict;
    const callee = this.vault.open(calleePhone, phoneOf(calleeId));
    return { decision: 'connect', reason, callee, shownNumber, ringSeconds, talkSeconds, record };
  }

  /** The name of a step contains its digits, keyed: the same step with other digits is another step. */
  private nameOfStep({ step, digits }: InboundCall, secret: Buffer): string {
    return digits === null ? step : `${step} ${this.vault.proofOf(digits, secret)}`;
  }

  /**
   * The earlier answer to this call at this step. Only for the same request within a minute, while the call is in
   * progress. A phone is returned again only if the call would reach it now.
   */
  private async repeat(call: InboundCall, stepName: string, now: Verdict, at: Date): Promise<RoutedCall> {
    const refuse = (reason: RefuseReason): RoutedCall => ({ decision: 'refuse', reason });
    const before = await findAnswered(this.connections, call.provider, call.providerCallId, stepName);
    if (!before?.secret || before.hasEnded) return refuse('CALL_OVER');
    const { step } = before;
    if (!step) return refuse('ALREADY_CONNECTED');
    if (step.proof !== this.proofOf(call, before.secret)) return refuse('CALL_ID_REUSED');
    if (at >= addSeconds(new Date(step.at), REPEATED_FOR_SECONDS)) return refuse('CALL_OVER');
    if (step.decision === 'refuse') return refuse(step.reason);
    if (step.decision === 'ask-pin') {
      return { decision: 'ask-pin', reason: step.reason, digits: PIN_DIGITS };
    }
    if (now.decision === 'refuse') return refuse(now.reason);
    if (now.decision !== 'connect' || now.calleeId !== step.calleeId) return refuse('CALL_OVER');
    const { reason, shownNumber, ringSeconds, talkSeconds, record } = step;
    return {
      decision: 'connect',
      reason,
      callee: this.vault.open(now.calleePhone, phoneOf(now.calleeId)),
      shownNumber: shownNumber!,
      ringSeconds: ringSeconds!,
      talkSeconds: talkSeconds!,
      record: record!,
    };
  }

  private proofOf(call: InboundCall, secret: Buffer): string {
    const asked = [call.provider, call.providerCallId, call.dialled.join(), call.caller ?? ''].join(' ');
    return this.vault.proofOf(asked, secret);
  }

  private describe(call: InboundCall, verdict: Verdict, at: Date, secret: Buffer): Step {
    const step = {
      at: at.toISOString(),
      proof: this.proofOf(call, secret),
      ...(verdict.calleeRole === null ? {} : { calleeRole: verdict.calleeRole }),
    };
    if (verdict.decision === 'refuse') return { decision: 'refuse', reason: verdict.reason, ...step };
    if (verdict.decision === 'ask-pin') return { decision: 'ask-pin', reason: verdict.reason, ...step };
    const { reason, calleeId, shownNumber, ringSeconds, talkSeconds, record } = verdict;
    return { decision: 'connect', reason, ...step, calleeId, shownNumber, ringSeconds, talkSeconds, record };
  }
}

function endExpected(verdict: Verdict, at: Date): Date | null {
  if (verdict.decision !== 'connect') return null;
  return addSeconds(at, verdict.ringSeconds + verdict.talkSeconds + END_NEWS_SECONDS);
}
