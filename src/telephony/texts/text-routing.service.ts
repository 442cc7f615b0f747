import { Injectable } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import { PinoLogger } from 'nestjs-pino';
import type { Pool as Connections } from 'pg';
import type { DataSource } from 'typeorm';

import { OrdersService } from '../../orders/orders.service.js';
import { asTexted, type E164 } from '../../phone-number/e164.js';
import { PhoneVault } from '../../phone-number/phone-vault.js';
import { phoneOf, wordsOf } from '../../phone-number/sealed-place.js';
import { addSeconds, Clock } from '../../platform/clock/clock.js';
import { sharedPool } from '../../platform/database/statement.js';
import { Metrics } from '../../platform/observability/metrics.js';
import { AssignmentsService } from '../../virtual-numbers/assignments.service.js';
import type { Reachable } from '../../virtual-numbers/call-facts.queries.js';
import { PoolsService } from '../../virtual-numbers/pools.service.js';
import type { TextStep } from '../interaction.entity.js';
import { optOutWordIn } from './opt-out-words.js';
import { redact } from './redaction.js';
import { segmentsOf } from './segments.js';
import { TextBrakes } from './text-brakes.js';
import {
  decideText,
  decideUnjoinedText,
  type Drop,
  type DropReason,
  type ForwardReason,
  type InboundText,
  type TextVerdict,
} from './text-decision.js';
import { findOptOuts, findTextStep, recordText, type DecidedText } from './texts.queries.js';

/** To whom to pass a text on, or that nobody gets it. */
export type RoutedText = RoutedForward | { readonly decision: 'drop'; readonly reason: DropReason };

/** The only place where a recipient's number is in clear. */
export interface RoutedForward {
  readonly decision: 'forward';
  readonly reason: ForwardReason;
  readonly to: E164;
  /** The number of ours that it is to come from. */
  readonly from: E164;
  readonly body: string;
  /** It was decided before: whoever sends it himself has done so, or tried. */
  readonly isRepeat: boolean;
}

/** No provider passes more on in one message; what is longer is cut. */
const LONGEST_BODY = 1_600;

const CONSENT: Readonly<Record<string, 'opt-out' | 'opt-in'>> = { OPTED_OUT: 'opt-out', OPTED_IN: 'opt-in' };

interface Decided {
  readonly verdict: TextVerdict;
  readonly virtualNumber: E164 | null;
  readonly keptSeconds: number;
  readonly consent: DecidedText['consent'];
}

/** Decides texts as calls are decided: who writes, to which number, does a live order join them. Then whether they go on, and how. */
@Injectable()
export class TextRoutingService {
  private readonly connections: Connections;

  constructor(
    @InjectDataSource() dataSource: DataSource,
    private readonly clock: Clock,
    private readonly vault: PhoneVault,
    private readonly assignments: AssignmentsService,
    private readonly pools: PoolsService,
    private readonly orders: OrdersService,
    private readonly brakes: TextBrakes,
    private readonly metrics: Metrics,
    private readonly logger: PinoLogger,
  ) {
    this.connections = sharedPool(dataSource);
    logger.setContext(TextRoutingService.name);
  }

  /**
   * Decides a text and records the decision, its words neither there nor in a log. The same text brought again comes to
   * the same. Rejects when something broke: nothing may have been recorded then, and the provider is to bring it again.
   */
  async route(received: InboundText): Promise<RoutedText> {
    const text = { ...received, body: cut(legible(received.body)) };
    const { provider, providerMessageId } = text;
    const at = this.clock.now();
    const { verdict, virtualNumber, keptSeconds, consent } = await this.decide(text, at);
    const { orderId, senderRole, reason } = verdict;
    const step = this.describe(text, verdict, at);
    const body = step.decision === 'forward' ? bodyOf(text, step) : null;
    const segments = body === null ? null : segmentsOf(body);
    const isNew = await recordText(this.connections, {
      ...{ provider, providerMessageId, at, orderId, senderRole, virtualNumber, step, segments, consent },
      kept:
        keptSeconds > 0
          ? {
              words: this.vault.sealText(text.body, wordsOf(provider, providerMessageId)),
              until: addSeconds(at, keptSeconds),
            }
          : null,
    });
    if (!isNew) return this.repeat(text, step.proof);
    this.metrics.textDecisions.inc({ provider, decision: verdict.decision, reason });
    this.logger.info(
      { provider, messageId: providerMessageId, orderId, decision: verdict.decision, reason, segments },
      'text decided',
    );
    if (verdict.decision === 'drop') return { decision: 'drop', reason: verdict.reason };
    const { recipientId, recipientPhone, shownNumber: from } = verdict;
    const to = asTexted(this.vault.open(recipientPhone, phoneOf(recipientId)));
    return { decision: 'forward', reason: verdict.reason, to, from, body: body!, isRepeat: false };
  }

  /** Looks the number up under each of its names until one is ours. */
  private async decide(text: InboundText, now: Date): Promise<Decided> {
    const senderKey = text.sender === null ? null : this.vault.keyOf(text.sender);
    for (const virtualNumber of text.dialled) {
      const row = senderKey && (await this.assignments.behind(virtualNumber, senderKey));
      if (row) return { ...(await this.decideJoined(text, row, virtualNumber, now)), virtualNumber };
      const facts = await this.assignments.unjoined(virtualNumber, senderKey);
      if (facts.numberIsOurs) {
        return { verdict: decideUnjoinedText(facts, senderKey !== null), virtualNumber, keptSeconds: 0, consent: null };
      }
    }
    const verdict: Drop = { decision: 'drop', reason: 'UNKNOWN_VN', orderId: null, senderRole: null };
    return { verdict, virtualNumber: null, keptSeconds: 0, consent: null };
  }

  private async decideJoined(
    text: InboundText,
    row: Reachable,
    virtualNumber: E164,
    now: Date,
  ): Promise<Omit<Decided, 'virtualNumber'>> {
    const { orderId, diallerId: senderId, calleeId: recipientId } = row;
    const policy = await this.pools.textPolicyOf(virtualNumber);
    const optedOut = await findOptOuts(this.connections, orderId, [senderId, recipientId]);
    const facts = {
      texts: policy.texts,
      says: text.optOut ?? optOutWordIn(text.body),
      senderOptedOut: optedOut.has(senderId),
      recipientOptedOut: optedOut.has(recipientId),
      isEmpty: text.body.trim() === '',
    };
    const verdict = await this.brakes.check(text, decideText(row, facts, now));
    const change = CONSENT[verdict.reason];
    return {
      verdict,
      keptSeconds: verdict.decision === 'forward' ? policy.textsKeptSeconds : 0,
      consent: change === undefined ? null : { change, participantId: senderId },
    };
  }

  /** What became of this text before, be the order as it may now. */
  private async repeat(text: InboundText, proof: string): Promise<RoutedText> {
    const step = await findTextStep(this.connections, text.provider, text.providerMessageId);
    if (step?.proof !== proof) return { decision: 'drop', reason: 'MESSAGE_ID_REUSED' };
    if (step.decision === 'drop') return { decision: 'drop', reason: step.reason as DropReason };
    const phone = await this.orders.sealedPhone(step.recipientId!);
    if (!phone) return { decision: 'drop', reason: 'ORDER_ENDED' };
    const { reason, shownNumber } = step;
    const to = asTexted(this.vault.open(phone, phoneOf(step.recipientId!)));
    return {
      ...{ decision: 'forward', reason: reason as ForwardReason, to },
      from: shownNumber!,
      ...{ body: bodyOf(text, step), isRepeat: true },
    };
  }

  private describe(text: InboundText, verdict: TextVerdict, at: Date): TextStep {
    const { provider, providerMessageId, dialled, sender, body } = text;
    const brought = [provider, providerMessageId, dialled.join(), sender ?? '', body].join(' ');
    const { decision, reason } = verdict;
    const step = { decision, reason, at: at.toISOString(), proof: this.vault.proofOf(brought) };
    if (verdict.decision === 'drop') return step;
    const { senderId, recipientId, shownNumber, redacted } = verdict;
    return { ...step, senderId, recipientId, shownNumber, redacted };
  }
}

function bodyOf(text: InboundText, step: TextStep): string {
  return step.redacted ? cut(redact(text.body).text) : text.body;
}

/** Without what no text message can hold, nor the answers that carry it: control characters, halves of characters. */
function legible(body: string): string {
  return body.replace(/(?![\t\n\r])\p{Cc}|\p{Cs}|[\ufffe\uffff]/gu, '');
}

function cut(body: string): string {
  if (body.length <= LONGEST_BODY) return body;
  return `${body.slice(0, LONGEST_BODY - 1).replace(/[\ud800-\udbff]$/, '')}…`;
}
