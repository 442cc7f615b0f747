import { Injectable } from '@nestjs/common';

import { countryOf, parseE164, type E164 } from '../../../src/phone-number/e164.js';
import {
  NumberProvider,
  type NumberFlow,
  type NumberWish,
  type OfferedNumber,
  type OwnedNumber,
} from '../../../src/telephony/providers/number-provider.js';
import type { RentedNumber } from '../../../src/virtual-numbers/numbers/virtual-numbers.service.js';
import { orNull, TringaApi } from './tringa-api.js';
import { TringaConfig } from './tringa-config.js';

/** A number of the account, which Tringa writes without the plus. */
interface Line {
  readonly id: string;
  readonly did: string;
  readonly voice: string | null;
}

@Injectable()
export class TringaNumbers extends NumberProvider {
  constructor(
    private readonly api: TringaApi,
    private readonly config: TringaConfig,
  ) {
    super();
  }

  async search({ country }: NumberWish): Promise<OfferedNumber[]> {
    type Shelf = { items: { did: string; monthly: string }[] };
    const { items } = await this.api.ask<Shelf>('the search', 'GET', `shelf?country=${country}`);
    return items.map(({ did, monthly }) => ({ number: numberOf(did), rent: monthly }));
  }

  async buy(number: E164): Promise<RentedNumber> {
    const wish = { did: number.slice(1), ...this.pointedAtUs() };
    const { id } = await this.api.ask<Line>('a purchase', 'POST', 'lines', wish);
    return { number, providerId: id };
  }

  async list(): Promise<OwnedNumber[]> {
    const { items } = await this.api.ask<{ items: Line[] }>('the list of our numbers', 'GET', 'lines');
    return items.map(({ id, did }) => {
      const number = numberOf(did);
      return { number, providerId: id, country: countryOf(number) ?? null, region: null };
    });
  }

  async flowOf(providerId: string): Promise<NumberFlow> {
    return this.flowIn(await this.api.ask('the question where calls go', 'GET', `lines/${providerId}`));
  }

  async configure(providerId: string): Promise<NumberFlow> {
    const what = 'the request to point a number at us';
    return this.flowIn(await this.api.ask(what, 'PUT', `lines/${providerId}`, this.pointedAtUs()));
  }

  async release(providerId: string): Promise<void> {
    await orNull(this.api.ask('a release', 'DELETE', `lines/${providerId}`));
  }

  private pointedAtUs(): object {
    return { voice: `${this.config.hooks}/call`, texts: `${this.config.hooks}/text` };
  }

  private flowIn({ voice }: Line): NumberFlow {
    if (voice === null) return 'none';
    return voice === `${this.config.hooks}/call` ? 'ours' : 'other';
  }
}

function numberOf(did: string): E164 {
  return parseE164(`+${did}`)!;
}
