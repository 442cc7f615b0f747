import type { E164 } from '../../phone-number/e164.js';

/** A call to be made: the caller's phone rings first, and the callee's when that is answered. */
export interface CallToPlace {
  /** Our own id of it, by which a provider that keeps such a thing can be asked for it. */
  readonly id: string;
  readonly caller: E164;
  readonly callee: E164;
  /** The number of ours that the callee dials to reach the caller: what the callee is to see. */
  readonly shownToCallee: E164;
  /** The number of ours that the caller dials to reach the callee: what the caller is to see, where a provider can show two. */
  readonly shownToCaller: E164;
  readonly ringSeconds: number;
  readonly talkSeconds: number;
  readonly record: boolean;
}

/** Makes calls at a provider. Throws ProviderUnavailable or ProviderRefused and nothing else. */
export abstract class CallPlacer {
  /**
   * Orders the call, once, and does not wait for anybody's answer. Never repeated by itself.
   *
   * @returns the provider's id of the call
   * @throws ProviderUnavailable when it may be placed all the same: look before ordering it again.
   * @throws ProviderRefused when it was not placed.
   */
  abstract place(call: CallToPlace): Promise<string>;

  /**
   * Looks among the provider's calls for one that was ordered between two instants and whose answer was lost. May be
   * repeated safely.
   *
   * @param known ids of calls that are other ones of ours
   * @returns its id; null when the provider has none, which right after ordering may only mean: not yet
   */
  abstract findPlaced(call: CallToPlace, since: Date, until: Date, known: ReadonlySet<string>): Promise<string | null>;
}
