import { Column, Entity, PrimaryGeneratedColumn } from 'typeorm';

import type { E164 } from '../../phone-number/e164.js';
import type { ProviderName } from '../../virtual-numbers/pools/pool.entity.js';

/**
 * Each is written before the step it announces:
 * wanted (ours to try, before any other pool) → ordered (within the budgets; the provider is asked, and may or may not
 * have sold it) → owned (it did, and the number is in the inventory) → configured (pointed at us) → verified (read back)
 * → available (can be assigned). wanted, ordered → failed, for the reason told; one that failed because no list ever had
 * it → owned, should a list have it after all.
 */
export type PurchaseState = 'wanted' | 'ordered' | 'owned' | 'configured' | 'verified' | 'available' | 'failed';

/** One attempt to buy a number. A crash or a time-out leaves it where it was; the next round goes on from there. */
@Entity('number_purchases')
export class NumberPurchase {
  @PrimaryGeneratedColumn('uuid') id: string;
  @Column('uuid', { name: 'pool_id' }) poolId: string;
  @Column('text') provider: ProviderName;
  @Column('text') number: E164;
  @Column('text') state: PurchaseState;
  @Column('text', { nullable: true }) reason: string | null;
  /** A month's: as offered, and as charged once it is owned. */
  @Column('numeric', { nullable: true }) rent: string | null;
  @Column('text', { nullable: true }) currency: string | null;
  /** How many of the provider's lists should have had it, and had not. */
  @Column('integer') unlisted: number;
  @Column('timestamptz', { name: 'wanted_at' }) wantedAt: Date;
  @Column('timestamptz', { name: 'ordered_at', nullable: true }) orderedAt: Date | null;
  /** When it was owned or failed. */
  @Column('timestamptz', { name: 'settled_at', nullable: true }) settledAt: Date | null;
}
