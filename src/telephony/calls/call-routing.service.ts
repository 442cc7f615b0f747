import { Injectable } from '@nestjs/common';
import { PinoLogger } from 'nestjs-pino';

import { withDeadline } from '../../platform/clock/deadline.js';
import type { E164 } from '../../phone-number/e164.js';
import { PhoneVault } from '../../phone-number/phone-vault.js';
import { phoneOf } from '../../phone-number/sealed-place.js';
import { addSeconds, Clock } from '../../platform/clock/clock.js';
import { CallConnections } from '../../platform/database/call-connections.js';
import { DatabaseOutages } from '../../platform/database/database-outages.js';
import { inSpan } from '../../platform/observability/tracing.js';
import { Metrics } from '../../platform/observability/metrics.js';
import { PIN_DIGITS } from '../../virtual-numbers/assignments/pin.js';
import { capOf } from './call-cap.js';
import type { CallScreen } from './call-screen.js';
import { refusal } from './call-decision.js';
import type { InboundCall } from './inbound-call.js';
import type { AskPin, Connect, DecisionSource, Verdict } from '../decisions/verdict.js';
import type { AskReason, ConnectReason, RefuseReason } from '../decisions/call-reasons.js';
import { CallLookup, foundIn } from './call-lookup.js';
import { isDecidable, type JournaledCall } from '../decisions/decision-journal.js';
import { DecisionRecorder } from '../decisions/decision-recorder.js';
import { PromptDatabase } from '../decisions/prompt-database.js';
import type { Step } from '../decisions/interaction.entity.js';
import {
  findAnswered,
  findLastDecision,
  type Answered,
  type Decided,
  type LastDecision,
} from '../decisions/interactions.queries.js';
import { PinCheckService, type KeyedCallFacts, type KeyedInboundCall, type WeighedPin } from './pin-check.service.js';
import { RecentTries } from '../tries/recent-tries.js';
import { callTrace } from '../providers/call-trace.js';
import { aRepeatSecret, REPEATED_FOR_SECONDS } from '../decisions/repeat-secrets.js';

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

/** Well below the time that providers wait: Exotel 5 s, Twilio 15 s. */
const DEADLINE_MS = 3_000;

/** How long after the latest possible end of a call its report may take. */
const END_NEWS_SECONDS = 15 * 60;

/** An answer, and where it comes from. */
interface Routed {
  readonly routed: RoutedCall;
  readonly source: DecisionSource;
}

const NOT_DECIDED = refused('STALE_STATE');

/** What is decided about a call, before it is recorded. */
interface Decision {
  readonly verdict: Verdict;
  /** If a PIN was entered, it decides in place of the verdict. */
  readonly pin: { readonly asked: AskPin; readonly weighed: WeighedPin } | null;
  readonly virtualNumber: E164 | null;
  /** False = the caller missed too often. Then nothing is recorded. */
  readonly isHeard: boolean;
  readonly source: DecisionSource;
}

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
    private readonly lookup: CallLookup,
    private readonly database: PromptDatabase,
    private readonly pins: PinCheckService,
    private readonly recorder: DecisionRecorder,
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
    const stop = this.metrics.decisionSeconds.startTimer({ provider: call.provider });
    const about = {
      trace: callTrace(call.provider, call.providerCallId),
      attributes: { 'maskline.provider': call.provider },
    };
    const decided = inSpan('decide call', about, async (span) => {
      const answer = await this.decideAndRecord(call, screen);
      const { decision, reason } = answer.routed;
      span?.set({ 'maskline.decision': decision, 'maskline.reason': reason, 'maskline.source': answer.source });
      return answer;
    }).catch((err: unknown) => {
      const fields = { err, provider: call.provider, callId: call.providerCallId };
      this.outages.failed(this.logger, fields, 'call not decided');
      return NOT_DECIDED;
    });
    const { routed, source } = await withDeadline(DEADLINE_MS, decided, () => NOT_DECIDED);
    stop();
    const { decision, reason } = routed;
    this.metrics.decisions.inc({ provider: call.provider, decision, reason, source });
    return routed;
  }

  /** The last decision about a call, which determines what the caller hears; null if the call is not known now. */
  async lastDecision(provider: string, providerCallId: string): Promise<LastDecision | null> {
    const journaled = await this.recorder.journaled(provider, providerCallId);
    if (journaled) return lastOf(journaled);
    const asking = async () => ({ last: await findLastDecision(this.connections, provider, providerCallId) });
    const found = await this.database.need(asking, this.database.patience());
    return found && found.last;
  }

  private async decideAndRecord(call: InboundCall, screen?: CallScreen): Promise<Routed> {
    const at = this.clock.now();
    const until = this.database.patience();
    const callerKey = call.caller === null ? null : this.vault.keyOf(call.caller);
    const journaled = await this.recorder.journaled(call.provider, call.providerCallId);
    const keyed =
      isKeyed(call) && !journaled ? await this.database.need(() => this.pins.read(call, callerKey, at), until) : null;
    // A call's secret is part of the name of steps with digits, so it must be the call's own.
    const secret = journaled ? secretIn(journaled) : keyed ? keyed.secret : aRepeatSecret();
    if (secret === null) return refused('CALL_OVER');
    const known = { keyed, alone: journaled !== null || (isKeyed(call) && keyed === null), until };
    const stepName = this.nameOfStep(call, secret);
    const decision = await this.decide(call, callerKey, at, known, screen);
    if (!decision.isHeard) return refused('TOO_MANY_MISSES', decision.source);
    if (journaled && !isDecidable(journaled, stepName)) {
      return { routed: await this.repeat(call, stepName, decision.verdict, at), source: 'replica' };
    }
    const describe = this.description(call, { stepName, virtualNumber: decision.virtualNumber, at, secret });
    const { verdict, source, isFirst } = await this.record(call, decision, describe, until);
    if (!isFirst) return { routed: await this.repeat(call, stepName, verdict, at), source };
    this.logger.info(
      {
        provider: call.provider,
        callId: call.providerCallId,
        orderId: verdict.orderId,
        decision: verdict.decision,
        reason: verdict.reason,
      },
      'call decided',
    );
    return { routed: this.answer(verdict), source };
  }

  private async decide(
    call: InboundCall,
    callerKey: Buffer | null,
    now: Date,
    { keyed, alone, until }: { keyed: KeyedCallFacts | null; alone: boolean; until: number },
    screen: CallScreen | undefined,
  ): Promise<Decision> {
    const found = keyed
      ? foundIn(keyed, callerKey !== null, now)
      : await this.lookup.find(call, callerKey, now, { alone, until });
    const { verdict, virtualNumber, source } = found;
    const decision = { verdict, pin: null, virtualNumber, isHeard: true, source };
    if (screen && found.isMiss && !(await screen.missed(call)) && verdict.decision === 'refuse') {
      return { ...decision, isHeard: false };
    }
    const { digits } = call;
    const mayConnect = verdict.decision === 'connect' || (verdict.decision === 'ask-pin' && digits !== null);
    if (screen && mayConnect && !(await screen.admits(call))) {
      return { ...decision, verdict: refusal(verdict, 'NOT_CONFIRMED') };
    }
    if (verdict.decision === 'ask-pin' && digits !== null && virtualNumber !== null) {
      if (!keyed) return { ...decision, verdict: refusal(verdict, 'TRY_LATER'), source: 'replica' };
      const weighed = this.pins.weigh(verdict, { digits, virtualNumber, callerKey, facts: keyed, now });
      return { ...decision, pin: { asked: verdict, weighed } };
    }
    if (verdict.decision === 'connect' && verdict.maxCallsPerHour !== null) {
      const [connect, most] = [verdict, verdict.maxCallsPerHour];
      const within = await this.database.need(() => this.withinCap(connect, most, call), until);
      if (!within) return { ...decision, verdict: refusal(verdict, 'TRY_LATER'), source: 'replica' };
      return { ...decision, verdict: within };
    }
    return decision;
  }

  /** @returns the decision, and false if the step was decided before or the call can no longer be decided */
  private async record(
    call: InboundCall,
    { verdict, pin, source }: Decision,
    describe: (verdict: Verdict) => Decided,
    until: number,
  ): Promise<{ verdict: Verdict; source: DecisionSource; isFirst: boolean }> {
    if (!pin) return { verdict, source, isFirst: await this.recorder.record(describe(verdict), source) };
    const settled = await this.database.need(() => this.pins.settle(pin.weighed, describe), until);
    if (settled) {
      await this.pins.claim(call, pin.weighed, settled);
      return { ...settled, source };
    }
    const later = refusal(pin.asked, 'TRY_LATER');
    return { verdict: later, source: 'replica', isFirst: await this.recorder.record(describe(later), 'replica') };
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
    const { provider, providerCallId } = call;
    const journaled = await this.recorder.journaled(provider, providerCallId);
    const before = journaled
      ? answeredIn(journaled, stepName)
      : await findAnswered(this.connections, provider, providerCallId, stepName);
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

  /** Describes decisions about a call as they are recorded. */
  private description(
    call: InboundCall,
    at: Pick<Decided, 'stepName' | 'virtualNumber' | 'at'> & { readonly secret: Buffer },
  ): (verdict: Verdict) => Decided {
    const { provider, providerCallId } = call;
    const asked = { at: at.at.toISOString(), proof: this.proofOf(call, at.secret) };
    return (verdict) => ({
      provider,
      providerCallId,
      ...at,
      step: stepOf(verdict, asked),
      verdict,
      askAt: endExpected(verdict, at.at),
    });
  }
}

function stepOf(verdict: Verdict, asked: { readonly at: string; readonly proof: string }): Step {
  const step = { ...asked, ...(verdict.calleeRole === null ? {} : { calleeRole: verdict.calleeRole }) };
  if (verdict.decision === 'refuse') return { decision: 'refuse', reason: verdict.reason, ...step };
  if (verdict.decision === 'ask-pin') return { decision: 'ask-pin', reason: verdict.reason, ...step };
  const { reason, calleeId, shownNumber, ringSeconds, talkSeconds, record } = verdict;
  return { decision: 'connect', reason, ...step, calleeId, shownNumber, ringSeconds, talkSeconds, record };
}

function isKeyed(call: InboundCall): call is KeyedInboundCall {
  return call.digits !== null;
}

function refused(reason: RefuseReason, source: DecisionSource = 'database'): Routed {
  return { routed: { decision: 'refuse', reason }, source };
}

/** The secret is the same in all steps with digits, and each other step has its own. */
function secretIn(journaled: JournaledCall): Buffer | null {
  return Object.values(journaled)[0]!.secret;
}

/** As `findLastDecision` reads it. */
function lastOf(journaled: JournaledCall): LastDecision {
  const { verdict, virtualNumber } = Object.values(journaled).reduce((last, one) => (one.at < last.at ? last : one));
  return { decision: verdict.decision, reason: verdict.reason, virtualNumber } as LastDecision;
}

/** As `findAnswered` reads it. No end is known. */
function answeredIn(journaled: JournaledCall, stepName: string): Answered {
  const decided = journaled[stepName];
  return { step: decided?.step ?? null, secret: (decided?.secret ?? secretIn(journaled))!, hasEnded: false };
}

function endExpected(verdict: Verdict, at: Date): Date | null {
  if (verdict.decision !== 'connect') return null;
  return addSeconds(at, verdict.ringSeconds + verdict.talkSeconds + END_NEWS_SECONDS);
}
