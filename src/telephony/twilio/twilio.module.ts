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

/** What Twilio can do with our account. It forwards texts outside India, and sends those in our answers. */
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

/** Twilio's callbacks and our requests to Twilio. Loaded only if there is an account. */
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
