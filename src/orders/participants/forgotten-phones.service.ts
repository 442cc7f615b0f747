import { Injectable } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import type { DataSource, EntityManager } from 'typeorm';

import { AuditService } from '../../platform/audit/audit.service.js';
import { addSeconds, Clock } from '../../platform/clock/clock.js';
import type { ArchivedDialler } from '../../virtual-numbers/assignments/assignment-end.queries.js';
import { phonesWithAssignments } from '../../virtual-numbers/assignments/assignments.queries.js';
import { participantsWithPhones, participationsOf, type Participation } from './participations.queries.js';
import { stripPhones } from '../order/orders.queries.js';

/** How long the audit log can recognize a phone that has no assignment, such as a stranger's in an explanation. */
const STRANGERS_KEPT_SECONDS = 24 * 60 * 60;
const PHONES_A_BATCH = 500;

/** Deletes phones that are no longer needed, in every stored form, including the keyed one. */
@Injectable()
export class ForgottenPhonesService {
  constructor(
    @InjectDataSource() private readonly dataSource: DataSource,
    private readonly clock: Clock,
    private readonly audit: AuditService,
  ) {}

  /**
   * Deletes the phones of diallers whose assignments are archived. The audit log's are kept while another assignment of
   * the same phone exists.
   */
  async forgetArchived(tx: EntityManager, diallers: readonly ArchivedDialler[]): Promise<void> {
    await stripPhones(
      tx,
      diallers.map(({ participantId }) => participantId),
    );
    await this.forgetUnused(
      tx,
      diallers.map(({ phoneKey }) => phoneKey),
    );
  }

  /** Deletes phones in the audit log that have no assignment, or have none any more. */
  async forgetStrangers(): Promise<void> {
    const before = addSeconds(this.clock.now(), -STRANGERS_KEPT_SECONDS);
    for (let after: Buffer | null = null; ;) {
      const phones: Buffer[] = await this.audit.phonesAskedAbout(before, PHONES_A_BATCH, after);
      if (phones.length === 0) return;
      await this.forgetUnused(this.dataSource.manager, phones);
      after = phones.at(-1)!;
    }
  }

  /** Where a phone is stored (keyed lookup). */
  async participationsOf(phoneKey: Buffer): Promise<Participation[]> {
    return participationsOf(this.dataSource.manager, [phoneKey]);
  }

  /** Whether a phone of these participants is still stored. */
  async haveNoPhone(participantIds: readonly string[]): Promise<boolean> {
    return (await participantsWithPhones(this.dataSource.manager, participantIds)).length === 0;
  }

  /**
   * Deletes a phone where nothing needs it any more, and from the audit log. @returns how many audit entries named it
   */
  async forgetNow(tx: EntityManager, phoneKey: Buffer, participantIds: readonly string[]): Promise<number> {
    await stripPhones(tx, participantIds);
    return this.audit.forgetPhones(tx, [phoneKey]);
  }

  private async forgetUnused(tx: EntityManager, phoneKeys: readonly Buffer[]): Promise<void> {
    const inUse = await phonesWithAssignments(tx, phoneKeys);
    const unused = phoneKeys.filter((phoneKey) => !inUse.some((used) => used.equals(phoneKey)));
    if (unused.length > 0) await this.audit.forgetPhones(tx, unused);
  }
}
