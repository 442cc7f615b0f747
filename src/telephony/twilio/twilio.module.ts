import { Module } from '@nestjs/common';

import { NumberProviders } from '../number-providers.js';
import { TelephonyModule } from '../telephony.module.js';
import { TextsModule } from '../texts/texts.module.js';
import { TwilioMessageRoutes } from './message-routes.js';
import { TwilioNumbers } from './twilio-numbers.js';
import { TwilioHooks } from './twilio-hooks.js';
import { TwilioVoiceRoutes } from './voice-routes.js';

/** What Twilio asks of us, and we of Twilio. Only there where an account of it is set up. */
@Module({
  imports: [TelephonyModule, TextsModule],
  providers: [TwilioHooks, TwilioVoiceRoutes, TwilioMessageRoutes, TwilioNumbers],
  exports: [TwilioHooks],
})
export class TwilioModule {
  constructor(providers: NumberProviders, numbers: TwilioNumbers) {
    providers.add('twilio', numbers);
  }
}
