import { Column, Entity, PrimaryGeneratedColumn } from 'typeorm';

import type { E164 } from '../phone-number/e164.js';
import type { ProviderName } from '../virtual-numbers/pool.entity.js';

/**
 * ordered (written before the provider is asked: it may or may not have sold the number) → owned (it did) → configured
 * (its calls reach us); ordered → failed (it did not, and the reason says why).
 */
export type PurchaseState = 'ordered' | 'owned' | 'configured' | 'failed';

/** One attempt to buy a number. A crash or a time-out leaves it ordered; the next round asks the provider what became of it. */
@Entity('number_purchases')
export class NumberPurchase {
  @PrimaryGeneratedColumn('uuid') id: string;
  @Column('uuid', { name: 'pool_id' }) poolId: string;
  @Column('text') provider: ProviderName;
  @Column('text') number: E164;
  @Column('text') state: PurchaseState;
  @Column('text', { nullable: true }) reason: string | null;
  @Column('numeric', { nullable: true }) rent: string | null;
  @Column('text', { nullable: true }) currency: string | null;
  @Column('timestamptz', { name: 'ordered_at' }) orderedAt: Date;
  @Column('timestamptz', { name: 'settled_at', nullable: true }) settledAt: Date | null;
}
