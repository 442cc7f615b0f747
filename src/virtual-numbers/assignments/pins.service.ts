import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';

import type { E164 } from '../../phone-number/e164.js';
import { PhoneVault } from '../../phone-number/phone-vault.js';
import { pinOf } from '../../phone-number/sealed-place.js';
import { setPin, type ParticipantAssignment } from './participant-assignments.queries.js';
import { randomPin } from './pin.js';

export interface ParticipantPin {
  readonly pin: string;
  /** The number on which it is entered. */
  readonly dials: E164;
}

/** PINs, which identify callers whose phone does not. */
@Injectable()
export class PinsService {
  constructor(private readonly vault: PhoneVault) {}

  /**
   * The PIN of a participant on one link. It is created when it is first read, so that a number has only PINs in use.
   * The order must be locked.
   *
   * @throws an error if the PIN leads to somebody else behind the number: a lost race, to be repeated with another PIN
   */
  async pinOf(
    tx: EntityManager,
    orderId: string,
    diallerId: string,
    { role, calleeRole, number, pin: stored }: ParticipantAssignment,
  ): Promise<ParticipantPin> {
    const place = pinOf(orderId, role, number);
    if (stored) return { pin: this.vault.openText(stored, place), dials: number };
    const pin = randomPin();
    const sealed = { pin: this.vault.sealText(pin, place), pinKey: this.vault.keyOfPin(number, pin) };
    await setPin(tx, { orderId, diallerId, calleeRole }, sealed);
    return { pin, dials: number };
  }
}
