import { Column, Entity, PrimaryGeneratedColumn } from 'typeorm';

import type { E164 } from '../../phone-number/e164.js';
import type { ProviderName } from '../../virtual-numbers/provider-name.js';

/**
 * A state is stored before its step is taken:
 * - wanted: chosen; no other pool may buy it
 * - ordered: within the budgets; the provider was asked, and may or may not have sold it
 * - owned: sold, and in the inventory
 * - configured: the provider was told to send its calls to us
 * - verified: the provider's answer confirms that
 * - available: can be assigned
 * - failed: reached from wanted and ordered, with a reason. A purchase that failed because no list contained the number
 *   becomes owned if a later list does.
 */
export type PurchaseState = 'wanted' | 'ordered' | 'owned' | 'configured' | 'verified' | 'available' | 'failed';

/** One attempt to buy a number. After a crash or a time-out, the next round continues from the stored state. */
@Entity('number_purchases')
export class NumberPurchase {
  @PrimaryGeneratedColumn('uuid') id: string;
  @Column('uuid', { name: 'pool_id' }) poolId: string;
  @Column('text') provider: ProviderName;
  @Column('text') number: E164;
  @Column('text') state: PurchaseState;
  @Column('text', { nullable: true }) reason: string | null;
  /** Monthly rent: as offered, and as charged once the number is owned. */
  @Column('numeric', { nullable: true }) rent: string | null;
  @Column('text', { nullable: true }) currency: string | null;
  /** How many of the provider's lists lacked the number although it was ordered before. */
  @Column('integer') unlisted: number;
  @Column('timestamptz', { name: 'wanted_at' }) wantedAt: Date;
  @Column('timestamptz', { name: 'ordered_at', nullable: true }) orderedAt: Date | null;
}
