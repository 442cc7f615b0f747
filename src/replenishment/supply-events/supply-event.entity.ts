import { Column, Entity, PrimaryColumn } from 'typeorm';

import type { ProviderName } from '../../virtual-numbers/provider-name.js';

/** Supply events: what an operator should know about the numbers of a pool. */
export const SUPPLY_EVENTS = [
  'budget.crossed',
  'provider.in-trouble',
  'provider.recovered',
  'number.unknown',
  'number.lost',
  'number.back',
  'number.pointed-at-us-again',
  'number.out-of-reach',
  'number.given-back',
  'number.sick',
  'number.woken',
  'list.doubted',
  'pool.dry',
  'pool.served',
] as const;
export type SupplyEventKind = (typeof SUPPLY_EVENTS)[number];

@Entity('supply_events')
export class SupplyEvent {
  @PrimaryColumn('bigint') id: string;
  @Column('uuid', { name: 'pool_id', nullable: true }) poolId: string | null;
  @Column('text', { nullable: true }) provider: ProviderName | null;
  @Column('text') kind: SupplyEventKind;
  /** One sentence. */
  @Column('text') detail: string;
  @Column('timestamptz') at: Date;
}
