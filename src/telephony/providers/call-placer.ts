import type { E164 } from '../../phone-number/e164.js';

/** A call to place: the caller's phone rings first, and the callee's after the caller answered. */
export interface CallToPlace {
  /** Our own id of the call, which a provider may store with it. */
  readonly id: string;
  readonly caller: E164;
  readonly callee: E164;
  /** The number that the callee dials to reach the caller: shown to the callee. */
  readonly shownToCallee: E164;
  /** The number that the caller dials to reach the callee: shown to the caller, if the provider can show two. */
  readonly shownToCaller: E164;
  readonly ringSeconds: number;
  readonly talkSeconds: number;
  readonly record: boolean;
}

/** Places calls through a provider. Throws only ProviderUnavailable or ProviderRefused. */
export abstract class CallPlacer {
  /**
   * Orders the call once, without waiting for anybody to answer. Never retries by itself.
   *
   * @returns the provider's id of the call
   * @throws ProviderUnavailable if it may have been placed: look before ordering it again
   * @throws ProviderRefused if it was not placed
   */
  abstract place(call: CallToPlace): Promise<string>;

  /**
   * Searches the provider's calls for one that was ordered between two instants without an answer. May be repeated
   * safely.
   *
   * @param known ids of our other calls
   * @returns its id; null if the provider has no such call, or (shortly after the order) not yet
   */
  abstract findPlaced(call: CallToPlace, since: Date, until: Date, known: ReadonlySet<string>): Promise<string | null>;
}
