import { Column, Entity, PrimaryGeneratedColumn } from 'typeorm';

import type { Role } from '../../virtual-numbers/role.js';

/**
 * A person on an order, in a role. The phone is stored sealed, and deleted when nobody can be reached by it any more.
 */
@Entity('participants')
export class Participant {
  @PrimaryGeneratedColumn('uuid') id: string;
  @Column('uuid', { name: 'order_id' }) orderId: string;
  @Column('text') role: Role;
  @Column('bytea', { nullable: true }) phone: Buffer | null;
  @Column('bytea', { name: 'phone_key', nullable: true }) phoneKey: Buffer | null;
  @Column('timestamptz', { name: 'joined_at' }) joinedAt: Date;
  @Column('timestamptz', { name: 'left_at', nullable: true }) leftAt: Date | null;
}
