import { Injectable, Module, type DynamicModule } from '@nestjs/common';

import { VirtualNumbersModule } from '../../virtual-numbers/virtual-numbers.module.js';
import type { Provider } from '../providers/provider.js';
import { ProviderRegistry } from '../providers/provider-registry.js';
import { TelephonyModule } from '../telephony.module.js';
import { TextsModule } from '../texts/texts.module.js';
import { TwilioCallPlacer } from './calls/twilio-call-placer.js';
import { TwilioCallRecords } from './calls/twilio-call-records.js';
import { TwilioVoiceRoutes } from './calls/voice-routes.js';
import { TwilioMessageRoutes } from './texts/message-routes.js';
import { TwilioCallbackAccess } from './twilio-callback-access.js';
import { TwilioConfig } from './twilio-config.js';
import { TwilioNumbers } from './twilio-numbers.js';
import { TwilioRecordings } from './twilio-recordings.js';

/** What Twilio can do with our account. It forwards texts outside of India, and sends those that our answers hold. */
@Injectable()
class TwilioProvider implements Provider {
  readonly name = 'twilio';
  readonly texts = { forwardsIn: (country: string) => country !== 'IN', sender: null };

  constructor(
    readonly numbers: TwilioNumbers,
    readonly calls: TwilioCallPlacer,
    readonly callRecords: TwilioCallRecords,
    readonly recordings: TwilioRecordings,
  ) {}
}

/** What Twilio asks of us, and we of Twilio. Only there where an account of it is set up. */
@Module({
  imports: [TelephonyModule, TextsModule, VirtualNumbersModule],
  providers: [
    TwilioProvider,
    TwilioCallbackAccess,
    TwilioVoiceRoutes,
    TwilioMessageRoutes,
    TwilioNumbers,
    TwilioCallPlacer,
    TwilioCallRecords,
    TwilioRecordings,
  ],
})
export class TwilioModule {
  static of(config: TwilioConfig): DynamicModule {
    return { module: TwilioModule, providers: [{ provide: TwilioConfig, useValue: config }] };
  }

  constructor(registry: ProviderRegistry, twilio: TwilioProvider) {
    registry.add(twilio);
  }
}
