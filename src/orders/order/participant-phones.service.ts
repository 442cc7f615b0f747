import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';

import { parseParticipantPhone, UnusableNumber, type Country } from '../../phone-number/e164.js';
import { PhoneVault, type SealedPhone } from '../../phone-number/phone-vault.js';
import type { SealedPlace } from '../../phone-number/sealed-place.js';
import { isNumberOfOurs } from '../../virtual-numbers/numbers/number-keys.queries.js';
import { UnusablePhone } from './orders.problems.js';

/** The phones of people: which may be put on an order, and how they are then kept. */
@Injectable()
export class ParticipantPhones {
  constructor(private readonly vault: PhoneVault) {}

  /**
   * Seals a phone that may be connected, for the row in which it will stand.
   *
   * @param field where in the request it stood, for the words of the problem
   * @throws UnusablePhone when it is invalid, of a type that is never rung, or one of our own numbers.
   */
  async seal(
    tx: EntityManager,
    field: string,
    text: string,
    country: Country,
    place: SealedPlace,
  ): Promise<SealedPhone> {
    try {
      const sealed = this.vault.seal(parseParticipantPhone(text, country), place);
      if (await isNumberOfOurs(tx, sealed.phoneKey)) {
        throw new UnusableNumber("is one of our own virtual numbers: give the person's own phone");
      }
      return sealed;
    } catch (failure) {
      throw failure instanceof UnusableNumber ? new UnusablePhone(field, failure.why) : failure;
    }
  }
}
