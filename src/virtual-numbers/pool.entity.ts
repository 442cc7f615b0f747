import { Column, Entity, PrimaryGeneratedColumn } from 'typeorm';

/** The provider whose numbers a pool holds. */
export const PROVIDERS = ['exotel'] as const;
export type ProviderName = (typeof PROVIDERS)[number];

/** The virtual numbers of one country and region, with their policy. */
@Entity('pools')
export class Pool {
  @PrimaryGeneratedColumn('uuid') id: string;
  @Column('text') name: string;
  /** ISO 3166-1 alpha-2. */
  @Column('text') country: string;
  /** The provider's word for a region, or null for anywhere in the country. */
  @Column('text', { nullable: true }) region: string | null;
  @Column('text') provider: ProviderName;
  /** Orders one number may serve at once; 1 = exclusive. */
  @Column('integer') capacity: number;
  @Column('integer', { name: 'grace_seconds' }) graceSeconds: number;
  @Column('integer', { name: 'cancel_grace_seconds' }) cancelGraceSeconds: number;
  @Column('integer', { name: 'quarantine_seconds' }) quarantineSeconds: number;
  @Column('integer', { name: 'lifetime_seconds' }) lifetimeSeconds: number;
  @Column('integer', { name: 'low_water' }) lowWater: number;
  @Column('integer') target: number;
  @Column('integer', { name: 'max_numbers' }) maxNumbers: number;
  @Column('timestamptz', { name: 'created_at' }) createdAt: Date;
}

/** What a new pool has where nothing else is said: 30 min of grace, none after cancelling, a day of quarantine and of life. */
export const DEFAULT_POLICY = {
  capacity: 1,
  graceSeconds: 30 * 60,
  cancelGraceSeconds: 0,
  quarantineSeconds: 24 * 60 * 60,
  lifetimeSeconds: 24 * 60 * 60,
  lowWater: 10,
  target: 20,
  maxNumbers: 100,
} as const;

export const DEFAULT_POOL = 'default';
