import { EXOTEL } from '../telephony/exotel/exotel-definition.js';
import type { ProviderDefinition } from '../telephony/providers/provider-definition.js';
import { TWILIO } from '../telephony/twilio/twilio-definition.js';

/** All providers. A pool whose request names none uses the first one that has an account. */
export const PROVIDERS: readonly ProviderDefinition[] = [EXOTEL, TWILIO];
