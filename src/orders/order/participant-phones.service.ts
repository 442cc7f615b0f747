import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';

import { parseParticipantPhone, UnusableNumber, type Country } from '../../phone-number/e164.js';
import { PhoneVault, type SealedPhone } from '../../phone-number/phone-vault.js';
import type { SealedPlace } from '../../phone-number/sealed-place.js';
import { isNumberOfOurs } from '../../virtual-numbers/numbers/number-keys.queries.js';
import { UnusablePhone } from './orders.problems.js';

/** Checks phones that are put on an order, and seals them. */
@Injectable()
export class ParticipantPhones {
  constructor(private readonly vault: PhoneVault) {}

  /**
   * Checks and seals a phone for the row in which it will be stored.
   *
   * @param field the request's field, for the problem
   * @throws UnusablePhone if it is invalid, of a type that is never rung, or one of our own numbers
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
        throw new UnusableNumber("is one of our own virtual numbers: send the person's own phone");
      }
      return sealed;
    } catch (failure) {
      throw failure instanceof UnusableNumber ? new UnusablePhone(field, failure.why) : failure;
    }
  }
}
