import { Column, Entity, PrimaryGeneratedColumn } from 'typeorm';

import type { AssignNumbers, Link } from '../link.js';
import type { ProviderName } from '../provider-name.js';
import { BuyingPolicy, DEFAULT_BUYING } from './buying-policy.js';

/** Whether texts are forwarded; `redacted` = without phone numbers and links. */
export const TEXT_POLICIES = ['off', 'on', 'redacted'] as const;
export type TextPolicy = (typeof TEXT_POLICIES)[number];

/** Who must enter the order's PIN: nobody, unknown callers, or everybody. */
export const PIN_POLICIES = ['off', 'unknown-callers', 'always'] as const;
export type PinPolicy = (typeof PIN_POLICIES)[number];

/** Which one of customer and agent may call and text the other. Concerns no links of other roles. */
export const DIRECTIONS = ['both', 'customer-to-agent', 'agent-to-customer'] as const;
export type Direction = (typeof DIRECTIONS)[number];

/** A time of day in which nobody is called or texted. */
export interface QuietHours {
  /** `hh:mm`, the first quiet minute. */
  readonly from: string;
  /** `hh:mm`, the first minute that is no longer quiet. If it is before `from`, the quiet hours end on the next day. */
  readonly until: string;
  /** IANA time zone, for example `Asia/Kolkata`. */
  readonly timeZone: string;
}

/** What applies to every call to a pool's numbers, from the next call on. */
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
  /** The provider's name of a region; null = anywhere in the country. */
  @Column('text', { nullable: true }) region: string | null;
  @Column('text') provider: ProviderName;
  /** The provider to buy from when the pool's own cannot sell; null = none. */
  @Column('text', { name: 'alternative_provider', nullable: true }) alternativeProvider: ProviderName | null;
  /** Orders that one number may serve at once; 1 = exclusive. */
  @Column('integer') capacity: number;
  @Column('integer', { name: 'grace_seconds' }) graceSeconds: number;
  @Column('integer', { name: 'cancel_grace_seconds' }) cancelGraceSeconds: number;
  @Column('integer', { name: 'quarantine_seconds' }) quarantineSeconds: number;
  @Column('integer', { name: 'lifetime_seconds' }) lifetimeSeconds: number;
  /** How old a local copy of the assignments may be from which a call is decided; 0 = none. At most the quarantine. */
  @Column('integer', { name: 'decide_without_database_seconds' }) decideWithoutDatabaseSeconds: number;
  @Column('integer', { name: 'low_water' }) lowWater: number;
  @Column('integer') target: number;
  @Column('integer', { name: 'max_numbers' }) maxNumbers: number;
  /** Time from requesting a number from the provider to having it. */
  @Column('integer', { name: 'lead_time_seconds' }) leadTimeSeconds: number;
  /** Calls that one number carries at once; null = unlimited. */
  @Column('integer', { name: 'channels_per_number', nullable: true }) channelsPerNumber: number | null;
  /** Numbers that are not needed for this long are given back to the provider; null = never. */
  @Column('integer', { name: 'give_back_after_seconds', nullable: true }) giveBackAfterSeconds: number | null;
  /** The links of orders that name none; null = those that follow from the participants' roles. */
  @Column('jsonb', { nullable: true }) links: readonly Link[] | null;
  @Column('text', { name: 'assign_numbers' }) assignNumbers: AssignNumbers;
  // Policy of calls and texts. It is read at each call or text, so changes apply to running orders as well.
  @Column('text') texts: TextPolicy;
  @Column('text') pin: PinPolicy;
  @Column('text') direction: Direction;
  @Column('integer', { name: 'max_call_seconds' }) maxCallSeconds: number;
  @Column('integer', { name: 'max_ring_seconds' }) maxRingSeconds: number;
  /** Calls of one caller to one other person of an order within an hour; null = no limit. */
  @Column('integer', { name: 'max_calls_per_hour', nullable: true }) maxCallsPerHour: number | null;
  @Column('jsonb', { name: 'quiet_hours', nullable: true }) quietHours: QuietHours | null;
  /** After a right PIN, the caller's phone becomes an alternate phone of the participant, for this order. */
  @Column('boolean', { name: 'claim_by_pin' }) claimByPin: boolean;
  @Column('boolean', { name: 'record_calls' }) recordCalls: boolean;
  /** How long the words of a text are stored, encrypted; 0 = never stored. */
  @Column('integer', { name: 'texts_kept_seconds' }) textsKeptSeconds: number;
  /** ISO 639 language of what callers hear. */
  @Column('text') language: string;
  @Column('timestamptz', { name: 'created_at' }) createdAt: Date;
}

/**
 * Defaults of a new pool: 30 min of grace, none after cancelling, a day of quarantine and lifetime; calls are decided
 * without the database for 15 min; numbers take an hour to get and are never given back; links follow from the participants' roles, and get numbers when both are known;
 * calls of an hour in both directions, no texts, no PINs.
 */
export const DEFAULT_POLICY = {
  capacity: 1,
  graceSeconds: 30 * 60,
  cancelGraceSeconds: 0,
  quarantineSeconds: 24 * 60 * 60,
  lifetimeSeconds: 24 * 60 * 60,
  decideWithoutDatabaseSeconds: 15 * 60,
  lowWater: 10,
  target: 20,
  maxNumbers: 100,
  leadTimeSeconds: 60 * 60,
  channelsPerNumber: null,
  giveBackAfterSeconds: null,
  links: null,
  assignNumbers: 'when-both-known',
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
