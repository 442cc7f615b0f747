import { Injectable } from '@nestjs/common';
import { PinoLogger } from 'nestjs-pino';

import { asTexted, type E164 } from '../../phone-number/e164.js';
import { PhoneVault } from '../../phone-number/phone-vault.js';
import { phoneOf, wordsOf } from '../../phone-number/sealed-place.js';
import { addSeconds, Clock } from '../../platform/clock/clock.js';
import { CallConnections } from '../../platform/database/call-connections.js';
import { Metrics } from '../../platform/observability/metrics.js';
import { CallDirectory } from '../../virtual-numbers/assignments/call-directory.js';
import type { CallAssignment } from '../../virtual-numbers/assignments/call-directory.js';
import { PoolsService } from '../../virtual-numbers/pools/pools.service.js';
import type { TextStep } from '../decisions/interaction.entity.js';
import { aRepeatSecret, REPEATED_FOR_SECONDS } from '../decisions/repeat-secrets.js';
import { optOutWordIn } from './opt-out-words.js';
import { redact } from './redaction/redaction.js';
import { segmentsOf } from './segments.js';
import { TextRateLimits } from './text-rate-limits.js';
import { decideText, decideUnjoinedText, type Drop, type InboundText, type TextVerdict } from './text-decision.js';
import type { DropReason, ForwardReason } from './text-reasons.js';
import { findAnsweredText, findOptOuts, recordText, type DecidedText } from './texts.queries.js';

/** The recipient of a text, or that it is dropped. */
export type RoutedText = RoutedForward | { readonly decision: 'drop'; readonly reason: DropReason };

/** The only place where a recipient's phone is in clear. */
export interface RoutedForward {
  readonly decision: 'forward';
  readonly reason: ForwardReason;
  readonly to: E164;
  /** The virtual number that sends it. */
  readonly from: E164;
  readonly body: string;
  /** The text was decided before. If Maskline sends it itself, it has done so, or tried. */
  readonly isRepeat: boolean;
}

/** The longest message of any provider; longer texts are cut. */
const LONGEST_BODY = 1_600;

/** The change of consent that a text with STOP or START makes. */
const CONSENT = { OPTED_OUT: 'opt-out', OPTED_IN: 'opt-in' } as const;

interface Decided {
  readonly verdict: TextVerdict;
  readonly virtualNumber: E164 | null;
  readonly keptSeconds: number;
  readonly consent: DecidedText['consent'];
}

/**
 * Decides texts like calls: who writes, to which number, and whether a live order joins them. Then whether the text is
 * forwarded, and how.
 */
@Injectable()
export class TextRoutingService {
  constructor(
    private readonly connections: CallConnections,
    private readonly clock: Clock,
    private readonly vault: PhoneVault,
    private readonly directory: CallDirectory,
    private readonly pools: PoolsService,
    private readonly brakes: TextRateLimits,
    private readonly metrics: Metrics,
    private readonly logger: PinoLogger,
  ) {
    logger.setContext(TextRoutingService.name);
  }

  /**
   * Decides a text and records the decision, without its words. If the provider sends the same text again within a
   * minute, the result is the same, as long as it would still reach the same person. Rejects after a failure: perhaps
   * nothing was recorded, and the provider should send the text again.
   */
  async route(received: InboundText): Promise<RoutedText> {
    const text = { ...received, body: cut(legible(received.body)) };
    const { provider, providerMessageId } = text;
    const at = this.clock.now();
    const { verdict, virtualNumber, keptSeconds, consent } = await this.decide(text, at);
    const { orderId, senderRole, reason } = verdict;
    const secret = aRepeatSecret();
    const step = this.describe(text, verdict, at, secret);
    const body = step.decision === 'forward' ? bodyOf(text, step) : null;
    const segments = body === null ? null : segmentsOf(body);
    const isNew = await recordText(this.connections, {
      provider,
      providerMessageId,
      at,
      orderId,
      senderRole,
      virtualNumber,
      step,
      segments,
      consent,
      kept:
        keptSeconds > 0
          ? {
              words: this.vault.sealText(text.body, wordsOf(provider, providerMessageId)),
              until: addSeconds(at, keptSeconds),
            }
          : null,
      secret,
    });
    if (!isNew) return this.repeat(text, verdict, at);
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

  /** Looks up each form of the number until one is ours. */
  private async decide(text: InboundText, now: Date): Promise<Decided> {
    const senderKey = text.sender === null ? null : this.vault.keyOf(text.sender);
    for (const virtualNumber of text.dialled) {
      const row = senderKey && (await this.directory.findAssignment(virtualNumber, senderKey));
      if (row) return { ...(await this.decideJoined(text, row, virtualNumber, now)), virtualNumber };
      const facts = await this.directory.describeUnjoined(virtualNumber, senderKey);
      if (facts.numberIsOurs) {
        return { verdict: decideUnjoinedText(facts, senderKey !== null), virtualNumber, keptSeconds: 0, consent: null };
      }
    }
    const verdict: Drop = {
      decision: 'drop',
      reason: 'UNKNOWN_VN',
      orderId: null,
      senderRole: null,
      recipientRole: null,
    };
    return { verdict, virtualNumber: null, keptSeconds: 0, consent: null };
  }

  private async decideJoined(
    text: InboundText,
    row: CallAssignment,
    virtualNumber: E164,
    now: Date,
  ): Promise<Omit<Decided, 'virtualNumber'>> {
    const { orderId, diallerId: senderId, calleeId: recipientId } = row;
    const policy = await this.pools.textPolicyOf(virtualNumber);
    const people = recipientId === null ? [senderId] : [senderId, recipientId];
    const optedOut = await findOptOuts(this.connections, orderId, people);
    const facts = {
      texts: policy.texts,
      says: text.optOut ?? optOutWordIn(text.body),
      senderOptedOut: optedOut.has(senderId),
      recipientOptedOut: recipientId !== null && optedOut.has(recipientId),
      isEmpty: text.body.trim() === '',
    };
    const verdict = await this.brakes.check(text, decideText(row, facts, now));
    const { reason } = verdict;
    const change = reason === 'OPTED_OUT' || reason === 'OPTED_IN' ? CONSENT[reason] : null;
    return {
      verdict,
      keptSeconds: verdict.decision === 'forward' ? policy.textsKeptSeconds : 0,
      consent: change === null ? null : { change, participantId: senderId },
    };
  }

  /** The earlier decision about this text. It is forwarded again only to the person whom it would reach now. */
  private async repeat(text: InboundText, now: TextVerdict, at: Date): Promise<RoutedText> {
    const drop = (reason: DropReason): RoutedText => ({ decision: 'drop', reason });
    const before = await findAnsweredText(this.connections, text.provider, text.providerMessageId);
    if (!before) return drop('MESSAGE_ID_REUSED');
    const { step, secret, hasArrived } = before;
    if (secret === null || hasArrived) return drop('TEXT_OVER');
    if (step.proof !== this.proofOf(text, secret)) return drop('MESSAGE_ID_REUSED');
    if (at >= addSeconds(new Date(step.at), REPEATED_FOR_SECONDS)) return drop('TEXT_OVER');
    if (step.decision === 'drop') return drop(step.reason as DropReason);
    if (now.decision === 'drop') return drop(now.reason);
    if (now.recipientId !== step.recipientId) return drop('TEXT_OVER');
    const { reason, shownNumber } = step;
    const to = asTexted(this.vault.open(now.recipientPhone, phoneOf(now.recipientId)));
    return {
      decision: 'forward',
      reason: reason as ForwardReason,
      to,
      from: shownNumber!,
      body: bodyOf(text, step),
      isRepeat: true,
    };
  }

  private proofOf({ provider, providerMessageId, dialled, sender, body }: InboundText, secret: Buffer): string {
    const brought = [provider, providerMessageId, dialled.join(), sender ?? '', body].join(' ');
    return this.vault.proofOf(brought, secret);
  }

  private describe(text: InboundText, verdict: TextVerdict, at: Date, secret: Buffer): TextStep {
    const { decision, reason, recipientRole } = verdict;
    const step = {
      decision,
      reason,
      at: at.toISOString(),
      proof: this.proofOf(text, secret),
      ...(recipientRole === null ? {} : { recipientRole }),
    };
    if (verdict.decision === 'drop') return step;
    const { senderId, recipientId, shownNumber, redacted } = verdict;
    return { ...step, senderId, recipientId, shownNumber, redacted };
  }
}

function bodyOf(text: InboundText, step: TextStep): string {
  return step.redacted ? cut(redact(text.body).text) : text.body;
}

/** Removes what a text message or the answer with it cannot contain: control characters, unpaired surrogates. */
function legible(body: string): string {
  return body.replace(/(?![\t\n\r])\p{Cc}|\p{Cs}|[\ufffe\uffff]/gu, '');
}

function cut(body: string): string {
  if (body.length <= LONGEST_BODY) return body;
  return `${body.slice(0, LONGEST_BODY - 1).replace(/[\ud800-\udbff]$/, '')}…`;
}
