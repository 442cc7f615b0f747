import { countryOf, type E164 } from '../../src/phone-number/e164.js';
import { nationalForm } from './number-spelling.js';
import { seriesOf } from './shelf.js';
import { StateFile } from './state-file.js';

/** A number that the account rents. */
export interface OwnedNumber {
  readonly sid: string;
  readonly number: E164;
  readonly country: string;
  readonly region: string | null;
  readonly sms: boolean;
  readonly rentalPrice: string;
  readonly currency: string;
  readonly boughtAt: string;
  friendlyName: string;
  voiceUrl: string | null;
  smsUrl: string | null;
  /** Other settings of the provider, under its own names. */
  more?: Record<string, string>;
}

export interface NumberSettings {
  friendlyName?: string;
  voiceUrl?: string;
  smsUrl?: string;
  more?: Record<string, string>;
}

/** Why a number cannot be bought: the provider never had it, or it is sold. */
export class NotForSale extends Error {
  constructor(
    readonly why: 'unknown' | 'taken',
    number: string,
  ) {
    super(why === 'taken' ? `${number} is no longer available` : `${number} is not a number we sell`);
  }
}

interface SavedInventory {
  owned: OwnedNumber[];
  gone: E164[];
  spent: Record<string, number>;
}

const MOST_REMEMBERED_OFFERS = 10_000;

/**
 * The numbers that the account owns, and those that are no longer for sale: released ones, and ones that others bought.
 * When a promise resolves, the change is in the state file, if there is one.
 */
export class Inventory {
  private readonly owned = new Map<E164, OwnedNumber>();
  private readonly gone = new Set<E164>();
  private readonly offeredIn = new Map<E164, string>();
  private readonly spent = new Map<string, number>();
  private readonly file: StateFile | null;

  /** @param isGoneElsewhere whether the other provider has or had a number, because no two sell the same one */
  constructor(
    stateFile: string | undefined,
    private readonly sidOf: (number: E164, country: string) => string,
    private readonly isGoneElsewhere: (number: E164) => boolean,
  ) {
    this.file = stateFile === undefined ? null : new StateFile(stateFile, () => this.toSave());
  }

  async load(ownedFromTheBeginning: readonly E164[]): Promise<void> {
    const saved = ((await this.file?.load()) ?? { owned: [], gone: [], spent: {} }) as SavedInventory;
    for (const number of saved.owned) this.owned.set(number.number, number);
    for (const number of saved.gone) this.gone.add(number);
    for (const [currency, amount] of Object.entries(saved.spent)) this.spent.set(currency, amount);
    for (const number of ownedFromTheBeginning) {
      if (!this.isGone(number)) this.owned.set(number, this.rented(number, null, {}));
    }
  }

  all(): OwnedNumber[] {
    return [...this.owned.values()];
  }

  /** Rents paid at purchase, by currency. A release refunds nothing. */
  spending(): Record<string, number> {
    return Object.fromEntries(this.spent);
  }

  isGone(number: E164): boolean {
    return this.wasHere(number) || this.isGoneElsewhere(number);
  }

  wasHere(number: E164): boolean {
    return this.owned.has(number) || this.gone.has(number);
  }

  find(number: E164): OwnedNumber | null {
    return this.owned.get(number) ?? null;
  }

  findBySid(sid: string): OwnedNumber | null {
    for (const number of this.owned.values()) if (number.sid === sid) return number;
    return null;
  }

  /** Remembers the region in which a number was offered. Outside India the number does not show it. */
  rememberOffer(number: E164, region: string): void {
    this.offeredIn.set(number, region);
    const [oldest] = this.offeredIn.keys();
    if (this.offeredIn.size > MOST_REMEMBERED_OFFERS && oldest) this.offeredIn.delete(oldest);
  }

  /** @throws NotForSale; of several buyers of one number the first wins, because nothing is awaited before the check */
  async buy(number: E164, settings: NumberSettings): Promise<OwnedNumber> {
    if (this.isGone(number)) throw new NotForSale('taken', number);
    if (!seriesOf(number)) throw new NotForSale('unknown', number);
    const bought = this.rented(number, this.offeredIn.get(number) ?? null, settings);
    this.owned.set(number, bought);
    this.spent.set(bought.currency, (this.spent.get(bought.currency) ?? 0) + Number(bought.rentalPrice));
    await this.file?.save();
    return bought;
  }

  async configure(number: OwnedNumber, settings: NumberSettings): Promise<void> {
    const more = settings.more ? { ...number.more, ...settings.more } : number.more;
    Object.assign(number, settings, more ? { more } : {});
    await this.file?.save();
  }

  async release(number: OwnedNumber): Promise<void> {
    this.owned.delete(number.number);
    await this.takeOffTheShelf(number.number);
  }

  /** Sells the number to another account. */
  async takeOffTheShelf(number: E164): Promise<void> {
    this.gone.add(number);
    await this.file?.save();
  }

  private toSave(): SavedInventory {
    return { owned: this.all(), gone: [...this.gone], spent: this.spending() };
  }

  private rented(number: E164, offeredIn: string | null, settings: NumberSettings): OwnedNumber {
    const series = seriesOf(number);
    const country = series?.country ?? countryOf(number) ?? 'IN';
    return {
      sid: this.sidOf(number, country),
      number,
      country,
      region: series?.region ?? offeredIn,
      sms: series?.sms ?? false,
      rentalPrice: series?.rentalPrice ?? '499.000000',
      currency: series?.currency ?? 'INR',
      boughtAt: new Date().toISOString(),
      friendlyName: settings.friendlyName ?? nationalForm(number),
      voiceUrl: settings.voiceUrl ?? null,
      smsUrl: settings.smsUrl ?? null,
      ...(settings.more ? { more: settings.more } : {}),
    };
  }
}
