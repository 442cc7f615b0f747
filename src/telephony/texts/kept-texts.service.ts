import { Injectable } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import type { DataSource } from 'typeorm';

import { OrderViewsService } from '../../orders/views/order-views.service.js';
import type { Participant } from '../../orders/order/participant.entity.js';
import { masked } from '../../phone-number/e164.js';
import { PhoneVault } from '../../phone-number/phone-vault.js';
import { phoneOf, wordsOf } from '../../phone-number/sealed-place.js';
import { AuditService } from '../../platform/audit/audit.service.js';
import type { Principal } from '../../platform/http/authentication/principal.js';
import { Clock } from '../../platform/clock/clock.js';
import { sharedPool } from '../../platform/database/statement.js';
import type { Role } from '../../virtual-numbers/role.js';
import { pageOf, placeCursor, readPlace } from '../../platform/http/cursor-page.js';
import { redact } from './redaction/redaction.js';
import { findKeptTexts, forgetTexts, type KeptText } from './texts.queries.js';

const TEXTS_A_BATCH = 500;

/** A participant of a text, as far as it may be shown. */
export interface TextParticipant {
  readonly role: Role;
  /** Masked; null = deleted. */
  readonly phone: string | null;
}

/** A kept text without numbers, links and addresses, even if it was forwarded with them. */
export interface ReadableText extends Pick<
  KeptText,
  'provider' | 'providerMessageId' | 'at' | 'delivery' | 'keepUntil'
> {
  readonly from: TextParticipant;
  readonly to: TextParticipant;
  readonly words: string;
  /** The number of spans that were removed from the words. */
  readonly removed: number;
}

export interface KeptTextsPage {
  readonly texts: readonly ReadableText[];
  readonly nextCursor: string | null;
}

/** The words of texts, sealed, for as long as the pool's policy keeps them. */
@Injectable()
export class KeptTextsService {
  constructor(
    @InjectDataSource() private readonly dataSource: DataSource,
    private readonly clock: Clock,
    private readonly vault: PhoneVault,
    private readonly orders: OrderViewsService,
    private readonly audit: AuditService,
  ) {}

  /**
   * The kept texts of an order, newest first. Writes an audit entry, then answers. Texts whose time is over are left
   * out, even if they are not deleted yet.
   *
   * @param to only texts to participants in this role
   * @throws OrderNotFound; InvalidRequest for an invalid cursor
   */
  async ofOrder(
    by: Principal,
    reference: string,
    { limit, cursor, to }: { limit: number; cursor?: string; to?: Role },
  ): Promise<KeptTextsPage> {
    const order = await this.orders.byReference(reference);
    const after = readPlace(cursor, 'ordinal');
    await this.audit.record(by, { what: 'texts.read', about: reference });
    const now = this.clock.now();
    const participants = await this.orders.everyoneOn(order);
    const recipientIds = to === undefined ? null : participants.filter(({ role }) => role === to).map(({ id }) => id);
    const wanted = { order, recipientIds, now, after, limit: limit + 1 };
    const kept = await findKeptTexts(sharedPool(this.dataSource), wanted);
    const { page, nextCursor } = pageOf(kept, limit, ({ at, ordinal }) => placeCursor({ at, id: ordinal }));
    return {
      texts: page.map((text) => this.readable(text, participants)),
      nextCursor,
    };
  }

  /** Deletes the words of all texts whose time is over. @returns of how many texts */
  async forgetWhatIsDue(): Promise<number> {
    const now = this.clock.now();
    let forgotten = 0;
    for (let batch = TEXTS_A_BATCH; batch === TEXTS_A_BATCH; forgotten += batch) {
      batch = await forgetTexts(sharedPool(this.dataSource), now, TEXTS_A_BATCH);
    }
    return forgotten;
  }

  private readable(text: KeptText, participants: readonly Participant[]): ReadableText {
    const { provider, providerMessageId, at, delivery, keepUntil, senderRole, step } = text;
    const known = (participantId: string | undefined) => participants.find(({ id }) => id === participantId);
    const maskedPhoneOf = (one: Participant | undefined) =>
      one?.phone ? masked(this.vault.open(one.phone, phoneOf(one.id))) : null;
    const recipient = known(step.recipientId);
    const { text: words, removed } = redact(this.vault.openText(text.words, wordsOf(provider, providerMessageId)));
    return {
      provider,
      providerMessageId,
      at,
      delivery,
      keepUntil,
      words,
      removed,
      from: { role: senderRole, phone: maskedPhoneOf(known(step.senderId)) },
      to: { role: recipient?.role ?? 'unknown', phone: maskedPhoneOf(recipient) },
    };
  }
}
