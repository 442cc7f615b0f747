import type { E164 } from '../../phone-number/e164.js';

/** A text that is to be sent in place of one that was brought to us. */
export interface TextToSend {
  readonly to: E164;
  /** A number of ours. */
  readonly from: E164;
  readonly body: string;
  /** The provider's id of the text that was brought, under which the delivery of this one is reported. */
  readonly inPlaceOf: string;
}

/** Sends texts through a provider. Throws ProviderUnavailable or ProviderRefused and nothing else. */
export abstract class TextSender {
  /**
   * Sends a text, once. Never repeated by itself.
   *
   * @throws ProviderUnavailable when it may have been sent all the same
   * @throws ProviderRefused when it was not sent
   */
  abstract send(text: TextToSend): Promise<void>;
}
