import { Injectable } from '@nestjs/common';
import { PinoLogger } from 'nestjs-pino';

import { AlternatePhonesService } from '../orders/alternate-phones.service.js';
import type { E164 } from '../phone-number/e164.js';
import { PhoneVault } from '../phone-number/phone-vault.js';
import { AssignmentsService } from '../virtual-numbers/assignments.service.js';
import type { Reachable } from '../virtual-numbers/call-facts.queries.js';
import { isPin, PIN_DIGITS } from '../virtual-numbers/pin.js';
import { decideJoined, type AskPin, type InboundCall, type Verdict } from './call-decision.js';
import { inTime } from './deadline.js';
import { RecentTries, type Allowance } from './recent-tries.js';

export const TRIES_A_CALL = 2;
/** Wrong PINs of one caller, whichever numbers they are keyed on. */
export const WRONG_PINS_OF_A_CALLER = 6;
/** Wrong PINs on one number, whoever keys them; fewer where many PINs live on it. */
export const WRONG_PINS_ON_A_NUMBER = 20;

/** The caller waits meanwhile; what takes longer goes on behind the call. */
const CLAIMED_WITHIN_MS = 1_000;

const DAY_SECONDS = 24 * 60 * 60;

/** Of so many number-days of nothing but guessing, one ends in a right guess at most. */
const DAYS_PER_LUCKY_GUESS = 1_000;

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
 * Judges PINs that callers key. How many wrong ones are allowed, by the call, the caller and the number, is so little that
 * guessing leads nowhere; where none is left, the PIN is not looked at, be it right.
 */
@Injectable()
export class PinGuesses {
  constructor(
    private readonly vault: PhoneVault,
    private readonly assignments: AssignmentsService,
    private readonly tries: RecentTries,
    private readonly phones: AlternatePhonesService,
    private readonly logger: PinoLogger,
  ) {
    logger.setContext(PinGuesses.name);
  }

  /** What becomes of a call that was asked for a PIN and has keyed something. Judging the same step twice takes one try. */
  async judge({ orderId, callerRole }: AskPin, guess: Guess): Promise<Verdict> {
    const { provider, providerCallId } = guess.call;
    const ofTheCall = { subject: `PINs in call ${provider} ${providerCallId}`, most: TRIES_A_CALL };
    const { granted, count } = await this.tries.take({ ...ofTheCall, withinSeconds: DAY_SECONDS }, guess.stepName);
    if (!granted) return { decision: 'refuse', reason: 'PIN_WRONG', orderId, callerRole };
    const judged = isPin(guess.digits) ? await this.judgePin(guess) : 'PIN_WRONG';
    if (typeof judged !== 'string') return judged;
    return { decision: count < TRIES_A_CALL ? 'ask-pin' : 'refuse', reason: judged, orderId, callerRole };
  }

  /** Takes the try before the PIN is looked at, and gives it back to who was right: guesses at once gain nothing. */
  private async judgePin(guess: Guess): Promise<Verdict | 'PIN_WRONG' | 'PIN_LOCKED'> {
    const { virtualNumber, digits, now, call } = guess;
    const id = `${call.provider} ${call.providerCallId} ${guess.stepName}`;
    const taken: string[] = [];
    const giveBack = async () => {
      for (const subject of taken) await this.tries.giveBack(subject, id);
    };
    // The caller's first: who has none left takes none of the number's, and so locks it for nobody.
    for (const allowance of await this.allowances(guess)) {
      const { granted } = await this.tries.take(allowance, id);
      if (!granted) return giveBack().then(() => 'PIN_LOCKED');
      taken.push(allowance.subject);
    }
    const row = await this.assignments.behindByPin(virtualNumber, this.vault.keyOfPin(virtualNumber, digits));
    if (!row) return 'PIN_WRONG';
    await giveBack();
    const verdict = decideJoined(row, now, true);
    if (verdict.decision === 'connect' && row.claimByPin && call.caller !== null) {
      await this.claim(row, call.caller);
    }
    return verdict;
  }

  /** Makes the caller's phone one of the participant's. Should that fail, the call goes through all the same. */
  private async claim({ orderId, diallerId }: Reachable, caller: E164): Promise<void> {
    try {
      // A transaction, and so on the connections of requests and jobs, which may all be in use.
      const claimed = await inTime<boolean | 'not yet'>(
        this.phones.claim(orderId, diallerId, caller),
        CLAIMED_WITHIN_MS,
        () => 'not yet',
      );
      this.logger.info({ orderId, participantId: diallerId, claimed }, 'phone claimed by PIN');
    } catch (err) {
      this.logger.warn({ err, orderId }, 'phone not claimed');
    }
  }

  private async allowances({ callerKey, virtualNumber }: Guess): Promise<Allowance[]> {
    const pins = await this.assignments.countPins(virtualNumber);
    const onNumber: Allowance = {
      subject: `wrong PINs on ${virtualNumber}`,
      most: Math.min(
        WRONG_PINS_ON_A_NUMBER,
        Math.ceil(10 ** PIN_DIGITS / DAYS_PER_LUCKY_GUESS / Math.max(1, pins)) - 1,
      ),
      withinSeconds: DAY_SECONDS,
    };
    if (callerKey === null) return [onNumber];
    const ofCaller: Allowance = {
      subject: `wrong PINs of ${callerKey.toString('base64url')}`,
      most: WRONG_PINS_OF_A_CALLER,
      withinSeconds: DAY_SECONDS,
    };
    return [ofCaller, onNumber];
  }
}
