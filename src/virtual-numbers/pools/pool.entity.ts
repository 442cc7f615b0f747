import { Column, Entity, PrimaryGeneratedColumn } from 'typeorm';

import type { ProviderName } from '../provider-name.js';
import { BuyingPolicy, DEFAULT_BUYING } from './buying-policy.js';

/** Whether texts to its numbers are passed on; `redacted` = without the phone numbers and links in them. */
export const TEXT_POLICIES = ['off', 'on', 'redacted'] as const;
export type TextPolicy = (typeof TEXT_POLICIES)[number];

/** Who is asked for the order's PIN: nobody, callers whom we do not know, or everybody. */
export const PIN_POLICIES = ['off', 'unknown-callers', 'always'] as const;
export type PinPolicy = (typeof PIN_POLICIES)[number];

/** Which side of an order may call and text the other. */
export const DIRECTIONS = ['both', 'customer-to-agent', 'agent-to-customer'] as const;
export type Direction = (typeof DIRECTIONS)[number];

/** A time of every day in which nobody is called or texted. */
export interface QuietHours {
  /** `hh:mm`, the first minute that is quiet. */
  readonly from: string;
  /** `hh:mm`, the first minute that is quiet no more; before `from` it is the next day's. */
  readonly until: string;
  /** Of the IANA's list, as in `Asia/Kolkata`. */
  readonly timeZone: string;
}

/** What holds of every call to a pool's numbers, from the next one on. */
export type CallPolicy = Pick<
  Pool,
  | 'pin'
  | 'direction'
  | 'maxCallSeconds'
  | 'maxRingSeconds'
  | 'maxCallsPerHour'
  | 'quietHours'
  | 'claimByPin'
  | 'recordCalls'
>;

/** The virtual numbers of one country and region, with their policy. */
@Entity('pools')
export class Pool extends BuyingPolicy {
  @PrimaryGeneratedColumn('uuid') id: string;
  @Column('text') name: string;
  /** ISO 3166-1 alpha-2. */
  @Column('text') country: string;
  /** The provider's word for a region, or null for anywhere in the country. */
  @Column('text', { nullable: true }) region: string | null;
  @Column('text') provider: ProviderName;
  /** Asked when the pool's own provider cannot sell; null = nobody. */
  @Column('text', { name: 'alternative_provider', nullable: true }) alternativeProvider: ProviderName | null;
  /** Orders one number may serve at once; 1 = exclusive. */
  @Column('integer') capacity: number;
  @Column('integer', { name: 'grace_seconds' }) graceSeconds: number;
  @Column('integer', { name: 'cancel_grace_seconds' }) cancelGraceSeconds: number;
  @Column('integer', { name: 'quarantine_seconds' }) quarantineSeconds: number;
  @Column('integer', { name: 'lifetime_seconds' }) lifetimeSeconds: number;
  @Column('integer', { name: 'low_water' }) lowWater: number;
  @Column('integer') target: number;
  @Column('integer', { name: 'max_numbers' }) maxNumbers: number;
  /** From asking the provider for a number to having it. */
  @Column('integer', { name: 'lead_time_seconds' }) leadTimeSeconds: number;
  /** Calls one number carries at once; null = as many as come. */
  @Column('integer', { name: 'channels_per_number', nullable: true }) channelsPerNumber: number | null;
  /** Numbers that nobody will need for so long go back to the provider; null = none ever does. */
  @Column('integer', { name: 'give_back_after_seconds', nullable: true }) giveBackAfterSeconds: number | null;
  // Calls and texts: what holds is the policy of the moment, for orders that run too.
  @Column('text') texts: TextPolicy;
  @Column('text') pin: PinPolicy;
  @Column('text') direction: Direction;
  @Column('integer', { name: 'max_call_seconds' }) maxCallSeconds: number;
  @Column('integer', { name: 'max_ring_seconds' }) maxRingSeconds: number;
  /** Of one caller to one other person of an order; null = as many as they like. */
  @Column('integer', { name: 'max_calls_per_hour', nullable: true }) maxCallsPerHour: number | null;
  @Column('jsonb', { name: 'quiet_hours', nullable: true }) quietHours: QuietHours | null;
  /** A right PIN makes the caller's phone one of the participant's, for this order. */
  @Column('boolean', { name: 'claim_by_pin' }) claimByPin: boolean;
  @Column('boolean', { name: 'record_calls' }) recordCalls: boolean;
  /** How long the words of a text are kept, sealed; 0 = never stored. */
  @Column('integer', { name: 'texts_kept_seconds' }) textsKeptSeconds: number;
  /** ISO 639, in which callers are spoken to where nobody is rung. */
  @Column('text') language: string;
  @Column('timestamptz', { name: 'created_at' }) createdAt: Date;
}

/**
 * What a new pool has where nothing else is said: 30 min of grace, none after cancelling, a day of quarantine and of life;
 * numbers that take an hour to get and are never given back; calls of an hour both ways, no texts, no PINs.
 */
export const DEFAULT_POLICY = {
  capacity: 1,
  graceSeconds: 30 * 60,
  cancelGraceSeconds: 0,
  quarantineSeconds: 24 * 60 * 60,
  lifetimeSeconds: 24 * 60 * 60,
  lowWater: 10,
  target: 20,
  maxNumbers: 100,
  leadTimeSeconds: 60 * 60,
  channelsPerNumber: null,
  giveBackAfterSeconds: null,
  texts: 'off',
  pin: 'off',
  direction: 'both',
  maxCallSeconds: 60 * 60,
  maxRingSeconds: 45,
  maxCallsPerHour: null,
  quietHours: null,
  claimByPin: false,
  recordCalls: false,
  textsKeptSeconds: 0,
  language: 'en',
  alternativeProvider: null,
  ...DEFAULT_BUYING,
} as const;

export const DEFAULT_POOL = 'default';
