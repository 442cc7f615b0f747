import { Injectable } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import { PinoLogger } from 'nestjs-pino';
import type { Pool as Connections } from 'pg';
import type { DataSource } from 'typeorm';

import { OrdersService } from '../orders/orders.service.js';
import type { E164 } from '../phone-number/e164.js';
import { PhoneVault } from '../phone-number/phone-vault.js';
import { addSeconds, Clock } from '../platform/clock/clock.js';
import { sharedPool } from '../platform/database/statement.js';
import { Metrics } from '../platform/observability/metrics.js';
import { AssignmentsService } from '../virtual-numbers/assignments.service.js';
import {
  decideJoined,
  decideUnjoined,
  type ConnectReason,
  type InboundCall,
  type RefuseReason,
  type Verdict,
} from './call-decision.js';
import type { Step } from './interaction.entity.js';
import { findReason, findStep, recordDecision } from './interactions.queries.js';

/** Whom to ring with which caller ID, or that nobody is rung. The only place where a callee's number is in clear. */
export type RoutedCall =
  | { readonly decision: 'connect'; readonly reason: ConnectReason; readonly callee: E164; readonly shownNumber: E164 }
  | { readonly decision: 'refuse'; readonly reason: RefuseReason };

/** Far under what any provider waits for: Exotel hangs up after 5 s, Twilio after 15. */
const DEADLINE_MS = 3_000;

/** The longest ringing and talk that any call of ours may have, and then a quarter of an hour for the news of its end. */
const ENDED_BY_SECONDS = 60 + 4_500 + 15 * 60;

/** Decides calls: who is calling, what did they dial, does a live order join them. All three, or nobody is rung. */
@Injectable()
export class CallRoutingService {
  private readonly connections: Connections;

  constructor(
    @InjectDataSource() dataSource: DataSource,
    private readonly clock: Clock,
    private readonly vault: PhoneVault,
    private readonly assignments: AssignmentsService,
    private readonly orders: OrdersService,
    private readonly metrics: Metrics,
    private readonly logger: PinoLogger,
  ) {
    this.connections = sharedPool(dataSource);
    logger.setContext(CallRoutingService.name);
  }

  /**
   * Decides a call and records the decision. The same call asking again at the same step hears the same answer. Never
   * rejects: whatever breaks, or takes longer than three seconds, is a refusal.
   */
  async route(call: InboundCall): Promise<RoutedCall> {
    const stop = this.metrics.decisionSeconds.startTimer();
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<RoutedCall>((resolve) => {
      timer = setTimeout(() => resolve({ decision: 'refuse', reason: 'STALE_STATE' }), DEADLINE_MS);
    });
    const decided = this.decideAndRecord(call).catch((err: unknown): RoutedCall => {
      this.logger.error({ err, provider: call.provider, callId: call.providerCallId }, 'call not decided');
      return { decision: 'refuse', reason: 'STALE_STATE' };
    });
    const routed = await Promise.race([decided, late]);
    clearTimeout(timer);
    stop();
    this.metrics.decisions.inc({ provider: call.provider, decision: routed.decision, reason: routed.reason });
    return routed;
  }

  /** Why a call was decided as it was, for the words that the caller then hears; null when we know nothing of it. */
  async reasonOf(provider: string, providerCallId: string): Promise<string | null> {
    return findReason(this.connections, provider, providerCallId);
  }

  private async decideAndRecord(call: InboundCall): Promise<RoutedCall> {
    const at = this.clock.now();
    const { verdict, virtualNumber } = await this.decide(call, at);
    const { provider, providerCallId, step: stepName } = call;
    const step = this.describe(call, verdict, at);
    if (
      !(await recordDecision(this.connections, {
        provider,
        providerCallId,
        stepName,
        step,
        virtualNumber,
        verdict,
        at,
        askAt: verdict.decision === 'connect' ? addSeconds(at, ENDED_BY_SECONDS) : null,
      }))
    ) {
      return this.repeat(call, step.proof);
    }
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
    if (verdict.decision === 'refuse') return { decision: 'refuse', reason: verdict.reason };
    const { reason, calleePhone, shownNumber } = verdict;
    return { decision: 'connect', reason, callee: this.vault.open(calleePhone), shownNumber };
  }

  /** Looks the dialled number up under each of its names until one is ours. */
  private async decide(call: InboundCall, now: Date): Promise<{ verdict: Verdict; virtualNumber: E164 | null }> {
    const callerKey = call.caller === null ? null : this.vault.keyOf(call.caller);
    for (const virtualNumber of call.dialled) {
      const joined = callerKey && (await this.assignments.behind(virtualNumber, callerKey));
      if (joined) return { verdict: decideJoined(joined, now), virtualNumber };
      const facts = await this.assignments.unjoined(virtualNumber, callerKey);
      if (facts.numberIsOurs) return { verdict: decideUnjoined(facts, callerKey !== null), virtualNumber };
    }
    return {
      verdict: { decision: 'refuse', reason: 'UNKNOWN_VN', orderId: null, callerRole: null },
      virtualNumber: null,
    };
  }

  /** The answer that was given to this call at this step before, be the order as it may now. */
  private async repeat(call: InboundCall, proof: string): Promise<RoutedCall> {
    const step = await findStep(this.connections, call.provider, call.providerCallId, call.step);
    if (!step || step.proof !== proof) return { decision: 'refuse', reason: 'CALL_ID_REUSED' };
    if (step.decision === 'refuse') return { decision: 'refuse', reason: step.reason as RefuseReason };
    const phone = await this.orders.sealedPhone(step.calleeId!);
    if (!phone) return { decision: 'refuse', reason: 'ORDER_ENDED' };
    const { reason, shownNumber } = step;
    return {
      decision: 'connect',
      reason: reason as ConnectReason,
      callee: this.vault.open(phone),
      shownNumber: shownNumber!,
    };
  }

  private describe(call: InboundCall, verdict: Verdict, at: Date): Step {
    const { decision, reason } = verdict;
    const asked = [call.provider, call.providerCallId, call.dialled.join(), call.caller ?? ''].join(' ');
    const proof = this.vault.proofOf(asked);
    if (verdict.decision === 'refuse') return { decision, reason, at: at.toISOString(), proof };
    const { calleeId, shownNumber } = verdict;
    return { decision, reason, at: at.toISOString(), proof, calleeId, shownNumber };
  }
}
