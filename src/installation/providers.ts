import { EXOTEL } from '../telephony/exotel/exotel-definition.js';
import type { ProviderDefinition } from '../telephony/providers/provider-definition.js';
import { TWILIO } from '../telephony/twilio/twilio-definition.js';

/** Every provider. A pool for which nobody names one is of the first that has an account. */
export const PROVIDERS: readonly ProviderDefinition[] = [EXOTEL, TWILIO];
