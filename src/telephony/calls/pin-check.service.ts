import { Injectable } from '@nestjs/common';
import { PinoLogger } from 'nestjs-pino';

import { AlternatePhonesService } from '../../orders/alternate-phones/alternate-phones.service.js';
import type { E164 } from '../../phone-number/e164.js';
import { PhoneVault } from '../../phone-number/phone-vault.js';
import { CallDirectory } from '../../virtual-numbers/assignments/call-directory.js';
import type { CallAssignment } from '../../virtual-numbers/assignments/call-directory.js';
import { isPin, OLD_PIN_DIGITS, PIN_DIGITS } from '../../virtual-numbers/assignments/pin.js';
import { decideJoined, refusal, type AskPin, type InboundCall, type Verdict } from './call-decision.js';
import { withDeadline } from '../../platform/clock/deadline.js';
import { RecentTries, type Allowance } from '../tries/recent-tries.js';
import { WrongPins, type Guessers, type KeyedAt } from '../tries/wrong-pins.js';

export const TRIES_A_CALL = 2;
/** Wrong PINs of one caller, over all numbers. */
export const WRONG_PINS_OF_A_CALLER = 6;
/** Wrong PINs of the old length on one number, over all callers; fewer on a number with many PINs. */
const WRONG_OLD_PINS_ON_A_NUMBER = 20;

/** The caller waits for the claim at most this long. A slower claim is finished after the answer. */
const CLAIMED_WITHIN_MS = 1_000;

const DAY_SECONDS = 24 * 60 * 60;

/** If callers do nothing but guess PINs on all numbers of a pool, a guess is right on one day in this many at most. */
const DAYS_PER_LUCKY_GUESS = 1_000;
/** Callers with and without a number are counted separately: guesses of one kind use up none of the other's. */
const KINDS_OF_CALLERS = 2;

/** How many wrong PINs a day one kind of callers may enter in a pool, for a number with this many PINs. */
export function wrongPinsOfADay(pins: number): number {
  return Math.floor(10 ** PIN_DIGITS / DAYS_PER_LUCKY_GUESS / KINDS_OF_CALLERS / Math.max(1, pins));
}

type Judged = 'right' | 'PIN_WRONG' | 'PIN_LOCKED';

export interface Guess {
  readonly call: InboundCall;
  readonly stepName: string;
  readonly digits: string;
  readonly virtualNumber: E164;
  /** Null = withheld. */
  readonly callerKey: Buffer | null;
  readonly now: Date;
}

/**
 * Judges the PINs that callers enter. So few wrong ones are allowed, by call, caller and pool, that guessing does not
 * pay. If none is left, a right PIN is not accepted either, except the own PIN of a known phone.
 */
@Injectable()
export class PinCheckService {
  constructor(
    private readonly vault: PhoneVault,
    private readonly directory: CallDirectory,
    private readonly tries: RecentTries,
    private readonly wrongPins: WrongPins,
    private readonly phones: AlternatePhonesService,
    private readonly logger: PinoLogger,
  ) {
    logger.setContext(PinCheckService.name);
  }

  /** The decision about a call that was asked for a PIN and sent digits. Judging the same step twice takes one try. */
  async judge(asked: AskPin, guess: Guess): Promise<Verdict> {
    const { provider, providerCallId } = guess.call;
    const ofTheCall = { subject: `PINs in call ${provider} ${providerCallId}`, most: TRIES_A_CALL };
    const { granted, count } = await this.tries.take({ ...ofTheCall, withinSeconds: DAY_SECONDS }, guess.stepName);
    if (!granted) return refusal(asked, 'PIN_WRONG');
    const judged = isPin(guess.digits) ? await this.judgePin(asked, guess) : 'PIN_WRONG';
    if (typeof judged !== 'string') return judged;
    return count < TRIES_A_CALL ? { ...asked, reason: judged } : refusal(asked, judged);
  }

  /** Takes a try before it looks at the PIN, and returns it after a right one: simultaneous guesses gain nothing. */
  private async judgePin(asked: AskPin, guess: Guess): Promise<Verdict | 'PIN_WRONG' | 'PIN_LOCKED'> {
    const { virtualNumber, digits, now, call } = guess;
    const row = await this.directory.findAssignmentByPin(virtualNumber, this.vault.keyOfPin(virtualNumber, digits));
    const isFree = row !== null && isOwn(row, asked) && digits.length === PIN_DIGITS;
    const judged = isFree ? 'right' : await this.judgeGuess(row, guess);
    if (judged === 'PIN_LOCKED') return 'PIN_LOCKED';
    if (judged === 'PIN_WRONG' || !row) return 'PIN_WRONG';
    const verdict = decideJoined(row, now, true);
    if (verdict.decision === 'connect' && row.claimByPin && call.caller !== null) {
      await this.claim(row, call.caller);
    }
    return verdict;
  }

  /** Whether a possible guess is right, and still allowed. */
  private async judgeGuess(row: CallAssignment | null, guess: Guess): Promise<Judged> {
    const { virtualNumber, digits, call, callerKey } = guess;
    const id = `${call.provider} ${call.providerCallId} ${guess.stepName}`;
    const ofCaller = callerKey && ofTheDay(`wrong PINs of ${callerKey.toString('base64url')}`, WRONG_PINS_OF_A_CALLER);
    if (ofCaller && !(await this.tries.take(ofCaller, id)).granted) return 'PIN_LOCKED';
    const { poolId, pins } = await this.directory.countPins(virtualNumber);
    const judged =
      digits.length === OLD_PIN_DIGITS
        ? await this.judgeOld(row, virtualNumber, pins, id)
        : await this.judgeInPool(row, { poolId, isWithheld: callerKey === null }, pins, {
            ...call,
            stepName: guess.stepName,
          });
    if (judged !== 'PIN_WRONG' && ofCaller) await this.tries.giveBack(ofCaller.subject, id);
    return judged;
  }

  private async judgeInPool(
    row: CallAssignment | null,
    guessers: Guessers,
    pins: number,
    at: KeyedAt,
  ): Promise<Judged> {
    if ((await this.wrongPins.ofTheDay(guessers)) >= wrongPinsOfADay(pins)) return 'PIN_LOCKED';
    if (row) return 'right';
    await this.wrongPins.count(guessers, at);
    return 'PIN_WRONG';
  }

  /** Old PINs of six digits are easier to guess, so few wrong ones are allowed on each number. */
  private async judgeOld(row: CallAssignment | null, number: E164, pins: number, id: string): Promise<Judged> {
    const most = Math.ceil(10 ** OLD_PIN_DIGITS / DAYS_PER_LUCKY_GUESS / Math.max(1, pins)) - 1;
    const onNumber = ofTheDay(`wrong old PINs on ${number}`, Math.min(WRONG_OLD_PINS_ON_A_NUMBER, most));
    if (!(await this.tries.take(onNumber, id)).granted) return 'PIN_LOCKED';
    if (!row) return 'PIN_WRONG';
    await this.tries.giveBack(onNumber.subject, id);
    return 'right';
  }

  /**
   * Makes the caller's phone an alternate phone of the participant. If that fails, the call is connected all the same.
   */
  private async claim({ orderId, diallerId }: CallAssignment, caller: E164): Promise<void> {
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

/** Whether the PIN belongs to this very caller and link. The caller is known, but the pool asks everybody. */
function isOwn(row: CallAssignment, { orderId, callerRole, calleeRole }: AskPin): boolean {
  if (callerRole === null || calleeRole === null) return false;
  return row.orderId === orderId && row.diallerRole === callerRole && row.calleeRole === calleeRole;
}

function ofTheDay(subject: string, most: number): Allowance {
  return { subject, most, withinSeconds: DAY_SECONDS };
}
