import { Injectable } from '@nestjs/common';
import { PinoLogger } from 'nestjs-pino';

import { AlternatePhonesService } from '../../orders/alternate-phones/alternate-phones.service.js';
import type { E164 } from '../../phone-number/e164.js';
import { PhoneVault } from '../../phone-number/phone-vault.js';
import { withDeadline } from '../../platform/clock/deadline.js';
import { BatchedStatement } from '../../platform/database/batched-statement.js';
import { CallConnections } from '../../platform/database/call-connections.js';
import type { CallAssignment, KeyedCall } from '../../virtual-numbers/assignments/call-directory.js';
import { isPin, OLD_PIN_DIGITS, PIN_DIGITS } from '../../virtual-numbers/assignments/pin.js';
import { wrongPinsOf, type Allowance } from '../tries/recent-tries.js';
import { capOf } from './call-cap.js';
import { decideJoined, refusal } from './call-decision.js';
import type { InboundCall } from './inbound-call.js';
import type { AskPin, Verdict } from '../decisions/verdict.js';
import { keyOfCall, type Decided } from '../decisions/interactions.queries.js';
import {
  decidePinSteps,
  PIN_OUTCOMES,
  readPinSteps,
  subjectsOf,
  type PinOutcome,
  type PinStep,
  type PinStepFacts,
  type PinTried,
  type PinTry,
} from './pin-steps.queries.js';
import { aRepeatSecret } from '../decisions/repeat-secrets.js';

export const TRIES_A_CALL = 2;
/** Wrong PINs of one caller, over all numbers. */
export const WRONG_PINS_OF_A_CALLER = 6;
/** Wrong PINs of the old length on one number, over all callers; fewer on a number with many PINs. */
const WRONG_OLD_PINS_ON_A_NUMBER = 20;

/** The caller waits for the claim at most this long. A slower claim is finished after the answer. */
const CLAIMED_WITHIN_MS = 500;

const DAY_SECONDS = 24 * 60 * 60;

/** If callers do nothing but guess PINs on all numbers of a pool, a guess is right on one day in this many at most. */
const DAYS_PER_LUCKY_GUESS = 1_000;
/** Callers with and without a number are counted separately: guesses of one kind use up none of the other's. */
const KINDS_OF_CALLERS = 2;

/** How many wrong PINs a day one kind of callers may enter in a pool, for a number with this many PINs. */
export function wrongPinsOfADay(pins: number): number {
  return Math.floor(10 ** PIN_DIGITS / DAYS_PER_LUCKY_GUESS / KINDS_OF_CALLERS / Math.max(1, pins));
}

export interface Guess {
  readonly digits: string;
  readonly virtualNumber: E164;
  /** Null = withheld. */
  readonly callerKey: Buffer | null;
  readonly facts: KeyedCall;
  readonly now: Date;
}

/** A call with the digits that were entered. */
export type KeyedInboundCall = InboundCall & { readonly digits: string };

export interface KeyedCallFacts extends PinStepFacts {
  /** The form of the dialled number that is ours; null = none. */
  readonly virtualNumber: E164 | null;
}

/** A PIN, the tries that it takes, and what becomes of the call. */
export interface WeighedPin {
  readonly tries: Pick<PinTry, 'mostInCall' | 'ofCaller' | 'onNumber' | 'inPool' | 'cap'>;
  readonly verdicts: Readonly<Record<PinOutcome, Verdict>>;
  /** Whose phone the caller's becomes if the PIN is accepted; null = nobody's. */
  readonly claimedFor: CallAssignment | null;
}

/** What became of a call with a PIN. */
export interface SettledPin {
  readonly verdict: Verdict;
  /** The PIN was right, and had a try left. */
  readonly isAccepted: boolean;
  /** The decision was recorded. */
  readonly isFirst: boolean;
}

/**
 * Judges the PINs that callers enter. So few wrong ones are allowed, by call, caller and pool, that guessing does not
 * pay. If none is left, a right PIN is not accepted either, except the own PIN of a known phone.
 *
 * A call needs two statements. Between them the rules decide what becomes of the call if it has tries left, and if not;
 * the second statement chooses while it holds the tries.
 */
@Injectable()
export class PinCheckService {
  private readonly steps: BatchedStatement<PinStep, PinStepFacts>;
  private readonly tries: BatchedStatement<PinTry, PinTried>;

  constructor(
    connections: CallConnections,
    private readonly vault: PhoneVault,
    private readonly phones: AlternatePhonesService,
    private readonly logger: PinoLogger,
  ) {
    this.steps = new BatchedStatement<PinStep, PinStepFacts>(
      (steps) => readPinSteps(connections, steps),
      (step) => [keyOfCall(step)],
    );
    this.tries = new BatchedStatement<PinTry, PinTried>((tries) => decidePinSteps(connections, tries), subjectsOf);
    logger.setContext(PinCheckService.name);
  }

  /** Reads each form of the dialled number until one is ours. */
  async read(call: KeyedInboundCall, callerKey: Buffer | null, at: Date): Promise<KeyedCallFacts> {
    let facts: PinStepFacts | null = null;
    for (const virtualNumber of call.dialled) {
      facts = await this.readAt(virtualNumber, call, callerKey, at);
      if (facts.joined || facts.unjoined.numberIsOurs) return { virtualNumber, ...facts };
    }
    return { virtualNumber: null, ...(facts ?? (await this.readAt(null, call, callerKey, at))) };
  }

  private async readAt(
    dialled: E164 | null,
    { provider, providerCallId, digits }: KeyedInboundCall,
    callerKey: Buffer | null,
    at: Date,
  ): Promise<PinStepFacts> {
    return this.steps.ask({
      provider,
      providerCallId,
      at,
      offered: aRepeatSecret(),
      numberKey: dialled && this.vault.keyOfDialled(dialled),
      callerKey,
      pinKey: dialled && isPin(digits) ? this.vault.keyOfPin(dialled, digits) : null,
    });
  }

  /** What becomes of a call that was asked for a PIN and sent digits. */
  weigh(asked: AskPin, guess: Guess): WeighedPin {
    const { facts, digits, now } = guess;
    const row = facts.byPin;
    const right = row && decideJoined(row, now, true);
    const wrong = { again: { ...asked, reason: 'PIN_WRONG' }, last: refusal(asked, 'PIN_WRONG') } as const;
    const locked = { again: { ...asked, reason: 'PIN_LOCKED' }, last: refusal(asked, 'PIN_LOCKED') } as const;
    const isFree = row !== null && isOwn(row, asked) && digits.length === PIN_DIGITS;
    const limits = isFree || !isPin(digits) ? NO_LIMITS : limitsOf(guess);
    const judged = limits === 'locked' ? locked : wrong;
    const connect = limits !== 'locked' && right?.decision === 'connect' ? right : null;
    return {
      tries: {
        mostInCall: TRIES_A_CALL,
        ...(limits === 'locked' ? NO_LIMITS : limits),
        cap: connect === null || connect.maxCallsPerHour === null ? null : capOf(connect, connect.maxCallsPerHour),
      },
      verdicts: {
        spent: wrong.last,
        locked: locked.again,
        'locked-last': locked.last,
        judged: right && limits !== 'locked' ? right : judged.again,
        'judged-last': right && limits !== 'locked' ? right : judged.last,
        capped: refusal(right ?? asked, 'CAP_REACHED'),
      },
      claimedFor: connect && row?.claimByPin ? row : null,
    };
  }

  /**
   * Takes the tries, and records what becomes of the call. The same step again takes no other try.
   *
   * @param describe describes a decision as it is recorded
   * @returns the decision, and whether it was recorded: the step was not decided before, and the call could be decided
   */
  async settle({ tries, verdicts }: WeighedPin, describe: (verdict: Verdict) => Decided): Promise<SettledPin> {
    const decisions = Object.fromEntries(
      PIN_OUTCOMES.map((outcome) => [outcome, describe(verdicts[outcome])]),
    ) as unknown as Record<PinOutcome, Decided>;
    const tried = await this.tries.ask({ ...tries, decisions });
    const verdict = verdicts[tried.outcome];
    const isAccepted = verdict.decision === 'connect' || tried.outcome === 'capped';
    return { verdict, isAccepted, isFirst: tried.isRecorded };
  }

  /**
   * After an accepted PIN, makes the caller's phone an alternate phone of the participant, if the pool says so. If that
   * fails, the call is connected all the same.
   */
  async claim({ caller }: InboundCall, { claimedFor }: WeighedPin, { isAccepted }: SettledPin): Promise<void> {
    if (!isAccepted || !claimedFor || caller === null) return;
    const { orderId, diallerId } = claimedFor;
    try {
      // A transaction, so it needs a connection for requests and jobs; all of them may be in use.
      const claimed = await withDeadline(
        CLAIMED_WITHIN_MS,
        this.phones.claim(orderId, diallerId, caller),
        () => 'not yet',
      );
      this.logger.info({ orderId, participantId: diallerId, claimed }, 'phone claimed by PIN');
    } catch (err) {
      this.logger.warn({ err, orderId }, 'phone not claimed');
    }
  }
}

type Limits = Pick<PinTry, 'ofCaller' | 'onNumber' | 'inPool'>;

const NO_LIMITS: Limits = { ofCaller: null, onNumber: null, inPool: null };

/** The tries that a guess takes beside its call's. A right one needs them to be left, and leaves them. */
function limitsOf({ callerKey, digits, virtualNumber, facts }: Guess): Limits | 'locked' {
  const stays = facts.byPin === null;
  const subject = callerKey && wrongPinsOf(callerKey);
  const ofCaller = subject === null ? null : { ...ofTheDay(subject, WRONG_PINS_OF_A_CALLER), stays };
  if (digits.length === OLD_PIN_DIGITS) {
    const most = mostOldPinsOf(facts.pins);
    if (most < 1) return 'locked';
    return { ofCaller, onNumber: { ...ofTheDay(`wrong old PINs on ${virtualNumber}`, most), stays }, inPool: null };
  }
  const inPool = {
    poolId: facts.poolId!,
    isWithheld: callerKey === null,
    most: wrongPinsOfADay(facts.pins),
    isWrong: stays,
  };
  return { ofCaller, onNumber: null, inPool };
}

/** Old PINs of six digits are easier to guess, so few wrong ones are allowed on each number. */
function mostOldPinsOf(pins: number): number {
  const most = Math.ceil(10 ** OLD_PIN_DIGITS / DAYS_PER_LUCKY_GUESS / Math.max(1, pins)) - 1;
  return Math.min(WRONG_OLD_PINS_ON_A_NUMBER, most);
}

/** Whether the PIN belongs to this very caller and link. The caller is known, but the pool asks everybody. */
function isOwn(row: CallAssignment, { orderId, callerRole, calleeRole }: AskPin): boolean {
  if (callerRole === null || calleeRole === null) return false;
  return row.orderId === orderId && row.diallerRole === callerRole && row.calleeRole === calleeRole;
}

function ofTheDay(subject: string, most: number): Allowance {
  return { subject, most, withinSeconds: DAY_SECONDS };
}
