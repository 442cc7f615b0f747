import { Injectable } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import type { DataSource } from 'typeorm';

import { parseParticipantPhone, UnusableNumber, type Country, type E164 } from '../../phone-number/e164.js';
import { PhoneVault } from '../../phone-number/phone-vault.js';
import { plainSpelling } from '../../phone-number/plain-spelling.js';
import { dataOf } from '../../phone-number/sealed-place.js';
import { PoolsService } from '../../virtual-numbers/pools/pools.service.js';
import type { Role } from '../../virtual-numbers/role.js';
import { phonesIn, type OrderChange, type OrderNewsType } from './cloud-event.js';
import { pendingEvents, pendingIds, standOf, type SealedEvent } from './pending-events.queries.js';

const EVENTS_A_BATCH = 1_000;
/** The last digits are the same in every form of a number. */
const SAME_IN_EVERY_FORM = 4;

/** An event that is not applied yet and names a phone. */
export interface PendingEvent {
  readonly id: string;
  readonly type: OrderNewsType;
  readonly reference: string;
  /** For which the phone is named. */
  readonly role: Role;
  readonly receivedAt: Date;
}

/** What became of events. */
export interface StandOfEvents {
  /** The ids of those that are not applied yet. */
  readonly pending: readonly string[];
  /** The references of the orders of all. */
  readonly references: readonly string[];
}

/**
 * Incoming events that are not applied yet. Their data is sealed without a keyed lookup of the phones in it, because they
 * live for a quarter of an hour at most; so who looks for a phone opens them all.
 */
@Injectable()
export class PendingEvents {
  constructor(
    @InjectDataSource() private readonly dataSource: DataSource,
    private readonly vault: PhoneVault,
    private readonly pools: PoolsService,
  ) {}

  /** Those that name a phone, however it is written. A phone in a national form counts in the country of any pool. */
  async naming(phone: E164): Promise<PendingEvent[]> {
    const { manager } = this.dataSource;
    const ids = await pendingIds(manager);
    if (ids.length === 0) return [];
    const countries = [...new Set((await this.pools.all()).map(({ country }) => country as Country))];
    const found: PendingEvent[] = [];
    for (let at = 0; at < ids.length; at += EVENTS_A_BATCH) {
      for (const event of await pendingEvents(manager, ids.slice(at, at + EVENTS_A_BATCH))) {
        const { id, type, reference, receivedAt } = event;
        const change = this.open(event);
        const named = change && phonesIn(change).find((one) => this.isPhone(one.phone, phone, countries));
        if (named) found.push({ id, type, reference, role: named.role, receivedAt });
      }
    }
    return found;
  }

  async standOf(ids: readonly string[]): Promise<StandOfEvents> {
    const events = await standOf(this.dataSource.manager, ids);
    return {
      pending: events.filter(({ isPending }) => isPending).map(({ id }) => id),
      references: [...new Set(events.map(({ reference }) => reference))],
    };
  }

  /** Null if the event does not open: then it will be rejected, and its data deleted. */
  private open({ source, eventId, data }: SealedEvent): OrderChange | null {
    try {
      return JSON.parse(this.vault.openText(data, dataOf(source, eventId))) as OrderChange;
    } catch {
      return null;
    }
  }

  private isPhone(text: string, phone: E164, countries: readonly Country[]): boolean {
    const digits = plainSpelling(text).replace(/\D/g, '');
    if (!digits.endsWith(phone.slice(-SAME_IN_EVERY_FORM))) return false;
    const wanted = this.vault.keyOf(phone);
    return countries.some((country) => {
      const read = readPhone(text, country);
      return read !== null && this.vault.keyOf(read).equals(wanted);
    });
  }
}

/** Null if an event with this phone will be rejected. */
function readPhone(text: string, country: Country): E164 | null {
  try {
    return parseParticipantPhone(text, country);
  } catch (failure) {
    if (failure instanceof UnusableNumber) return null;
    throw failure;
  }
}
