import { Module } from '@nestjs/common';

import { TelephonyModule } from '../telephony.module.js';
import { TwilioHooks } from './twilio-hooks.js';
import { TwilioVoiceRoutes } from './voice-routes.js';

/** What Twilio asks of us, and we of Twilio. Only there where an account of it is set up. */
@Module({
  imports: [TelephonyModule],
  providers: [TwilioHooks, TwilioVoiceRoutes],
})
export class TwilioModule {}
