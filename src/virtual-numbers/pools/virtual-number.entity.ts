import { Column, Entity, PrimaryColumn } from 'typeorm';

import type { E164 } from '../../phone-number/e164.js';
import type { NumberStatus } from '../number-status.js';
import type { ProviderName } from '../provider-name.js';

/** A number rented from a provider and shown in place of a participant's phone. */
@Entity('virtual_numbers')
export class VirtualNumber {
  @PrimaryColumn('text') number: E164;
  @Column('uuid', { name: 'pool_id' }) poolId: string;
  @Column('text') provider: ProviderName;
  @Column('text', { name: 'provider_id', nullable: true }) providerId: string | null;
  @Column('text') status: NumberStatus;
  @Column('integer', { name: 'orders_held', default: 0 }) ordersHeld: number;
  @Column('integer') capacity: number;
  /** Monthly rent in `currency` (ISO 4217). */
  @Column('numeric', { nullable: true }) rent: string | null;
  @Column('text', { nullable: true }) currency: string | null;
  /** Why the number rests, in words; null if it does not. */
  @Column('text', { name: 'rested_because', nullable: true }) restedBecause: string | null;
  /** When the number was last put to rest; null = never. */
  @Column('timestamptz', { name: 'rested_at', nullable: true }) restedAt: Date | null;
  /** Automatic resting is disabled until then, because an operator resumed the number. */
  @Column('timestamptz', { name: 'overruled_until', nullable: true }) overruledUntil: Date | null;
  /** It takes no orders until then, because who may dial it is not known since a restore; null = it is not withheld. */
  @Column('timestamptz', { name: 'withheld_until', nullable: true }) withheldUntil: Date | null;
  @Column('timestamptz', { name: 'created_at' }) createdAt: Date;
}
