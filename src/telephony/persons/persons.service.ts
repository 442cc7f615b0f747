import { Injectable } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import { PinoLogger } from 'nestjs-pino';
import type { DataSource } from 'typeorm';

import { PendingEvents, type PendingEvent } from '../../orders/intake/pending-events.service.js';
import { ForgottenPhonesService } from '../../orders/participants/forgotten-phones.service.js';
import type { Participation } from '../../orders/participants/participations.queries.js';
import { masked, parseE164, type E164 } from '../../phone-number/e164.js';
import { PhoneVault } from '../../phone-number/phone-vault.js';
import { plainSpelling } from '../../phone-number/plain-spelling.js';
import { wordsOf } from '../../phone-number/sealed-place.js';
import type { AuditEntry } from '../../platform/audit/audit.queries.js';
import { AuditService } from '../../platform/audit/audit.service.js';
import { Clock } from '../../platform/clock/clock.js';
import type { Principal } from '../../platform/http/authentication/principal.js';
import { InvalidRequest } from '../../platform/http/request.problems.js';
import {
  assignmentsOfPhone,
  type AssignmentOfPhone,
} from '../../virtual-numbers/assignments/phones-of-people.queries.js';
import { redact } from '../texts/redaction/redaction.js';
import { RecentTries, wrongPinsOf } from '../tries/recent-tries.js';
import {
  callsOfPlaces,
  eraseRecordings,
  eraseWords,
  finishErasure,
  followEvents,
  openErasures,
  optOutsOf,
  storeErasure,
  type CallOfPerson,
  type OpenErasure,
  type Places,
} from './calls-of-persons.queries.js';

const ERASURES_A_RUN = 1_000;

/** A place on an order, and the numbers that the phone may dial for it. */
export interface StoredParticipation extends Participation {
  readonly numbers: readonly AssignmentOfPhone[];
  readonly optedOutAt: Date | null;
}

/** A call or text, with the words as they may be shown. */
export interface StoredCall extends Omit<CallOfPerson, 'words'> {
  readonly reference: string;
  readonly words: string | null;
}

/** Everything that is stored about a phone. */
export interface StoredPerson {
  /** Masked. */
  readonly phone: string;
  readonly orders: readonly StoredParticipation[];
  /** Incoming events that name the phone and are not applied yet. */
  readonly events: readonly PendingEvent[];
  readonly calls: readonly StoredCall[];
  readonly audit: readonly AuditEntry[];
  readonly wrongPins: number;
}

/** What was erased, and what is still needed. */
export interface Erased {
  readonly id: string;
  readonly texts: number;
  readonly recordings: number;
  readonly auditEntries: number;
  readonly wrongPins: boolean;
  /** The places on orders for which the phone is still stored. */
  readonly remains: readonly StoredParticipation[];
  /** Incoming events that name the phone and are not applied yet. */
  readonly events: readonly PendingEvent[];
}

/**
 * What is stored about a person, found by the keyed lookup of a phone. Orders whose quarantine is over contain no phone,
 * so nothing of them can be found by one.
 */
@Injectable()
export class PersonsService {
  constructor(
    @InjectDataSource() private readonly dataSource: DataSource,
    private readonly clock: Clock,
    private readonly vault: PhoneVault,
    private readonly phones: ForgottenPhonesService,
    private readonly pending: PendingEvents,
    private readonly tries: RecentTries,
    private readonly audit: AuditService,
    private readonly logger: PinoLogger,
  ) {
    logger.setContext(PersonsService.name);
  }

  /** Everything that is stored about a phone. Writes an audit entry before it answers. @throws InvalidRequest */
  async export(by: Principal, text: string): Promise<StoredPerson> {
    const phone = read(text);
    const phoneKey = this.vault.keyOf(phone);
    await this.audit.record(by, { what: 'persons.export', phoneKey });
    const events = await this.pending.naming(phone);
    const orders = await this.participations(phoneKey);
    const references = new Map(orders.map(({ orderId, reference }) => [orderId, reference]));
    const calls = await callsOfPlaces(this.dataSource.manager, placesOf(orders));
    return {
      phone: masked(phone),
      orders,
      events,
      calls: calls.map(({ words, ...call }) => ({
        ...call,
        reference: references.get(call.orderId)!,
        words: words && redact(this.vault.openText(words, wordsOf(call.provider, call.providerCallId))).text,
      })),
      audit: await this.audit.about(phoneKey),
      wrongPins: await this.tries.count(wrongPinsOf(phoneKey)),
    };
  }

  /**
   * Deletes everything about a phone that no order needs now. What orders still need is deleted when their quarantine is
   * over, and with it what they add until then: `finishErasures`. An event that is not applied yet is applied; its order
   * counts as one that needs the phone. Writes an audit entry, which does not name the phone.
   *
   * @throws InvalidRequest
   */
  async erase(by: Principal, text: string): Promise<Erased> {
    const phone = read(text);
    const phoneKey = this.vault.keyOf(phone);
    const events = await this.pending.naming(phone); // before the orders: one that is applied meanwhile is in both
    const erased = await this.dataSource.transaction(async (tx) => {
      const places = placesOf(await this.phones.participationsOf(phoneKey));
      const texts = await eraseWords(tx, places);
      const recordings = await eraseRecordings(tx, places, false);
      const auditEntries = await this.phones.forgetNow(tx, phoneKey, places.participantIds);
      const eventIds = events.map((event) => event.id);
      const kept = eventIds.length > 0 ? phoneKey : null;
      const id = await storeErasure(tx, { ...places, eventIds, phoneKey: kept }, this.clock.now());
      return { id, texts, recordings, auditEntries };
    });
    const wrongPins = await this.tries.forgetSubject(wrongPinsOf(phoneKey));
    const remains = await this.participations(phoneKey);
    await this.audit.record(by, { what: 'persons.erase', about: erased.id });
    const { texts, recordings, auditEntries } = erased;
    const counts = { texts, recordings, auditEntries, remains: remains.length + events.length };
    this.logger.info({ erasureId: erased.id, ...counts }, 'person erased');
    return { ...erased, wrongPins, remains, events };
  }

  /** Continues erasures that wait for the end of orders, or for events. @returns how many are done now */
  async finishErasures(): Promise<number> {
    let done = 0;
    for (const erasure of await openErasures(this.dataSource.manager, ERASURES_A_RUN)) {
      const { id } = erasure;
      const { places, pending } = await this.follow(erasure);
      const isOver = pending === 0 && (await this.phones.haveNoPhone(places.participantIds));
      await this.dataSource.transaction(async (tx) => {
        await eraseWords(tx, places);
        await eraseRecordings(tx, places, isOver);
        if (isOver) await finishErasure(tx, id, this.clock.now());
      });
      if (!isOver) continue;
      done += 1;
      this.logger.info({ erasureId: id }, 'erasure finished');
    }
    return done;
  }

  /** Adds the places to an erasure to which its events led. @returns all its places, and how many events wait */
  private async follow(erasure: OpenErasure): Promise<{ places: Places; pending: number }> {
    const { id, orderIds, participantIds, eventIds, phoneKey } = erasure;
    if (phoneKey === null) return { places: erasure, pending: 0 };
    const { pending, references } = await this.pending.standOf(eventIds); // before the orders, as in `erase`
    const added = placesOf(
      (await this.phones.participationsOf(phoneKey)).filter(
        ({ reference, participantId }) => references.includes(reference) && !participantIds.includes(participantId),
      ),
    );
    await followEvents(this.dataSource.manager, id, added, pending);
    const places = {
      orderIds: [...orderIds, ...added.orderIds],
      participantIds: [...participantIds, ...added.participantIds],
    };
    return { places, pending: pending.length };
  }

  private async participations(phoneKey: Buffer): Promise<StoredParticipation[]> {
    const { manager } = this.dataSource;
    const places = await this.phones.participationsOf(phoneKey);
    const [numbers, optOuts] = await Promise.all([
      assignmentsOfPhone(manager, phoneKey),
      optOutsOf(
        manager,
        places.map(({ participantId }) => participantId),
      ),
    ]);
    return places.map((place) => ({
      ...place,
      numbers: numbers.filter(({ diallerId }) => diallerId === place.participantId),
      optedOutAt: optOuts.find(({ participantId }) => participantId === place.participantId)?.at ?? null,
    }));
  }
}

/** @throws InvalidRequest */
function read(text: string): E164 {
  const phone = parseE164(plainSpelling(text));
  if (phone === null) throw new InvalidRequest(['phone must be in E.164, as in +919000000001'], 'phone');
  return phone;
}

function placesOf(orders: readonly Participation[]): Places {
  return {
    orderIds: orders.map(({ orderId }) => orderId),
    participantIds: orders.map(({ participantId }) => participantId),
  };
}
