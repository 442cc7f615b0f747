import type { E164 } from '../../phone-number/e164.js';

/** A text to send in place of an incoming one. */
export interface TextToSend {
  readonly to: E164;
  /** A virtual number. */
  readonly from: E164;
  readonly body: string;
  /** The provider's id of the incoming text, under which the delivery of this one is reported. */
  readonly inPlaceOf: string;
}

/** Sends texts through a provider. Throws only ProviderUnavailable or ProviderRefused. */
export abstract class TextSender {
  /**
   * Sends a text once. Never retries by itself.
   *
   * @throws ProviderUnavailable if it may have been sent
   * @throws ProviderRefused if it was not sent
   */
  abstract send(text: TextToSend): Promise<void>;
}
