import { Injectable, Module, type DynamicModule } from '@nestjs/common';

import { VirtualNumbersModule } from '../../virtual-numbers/virtual-numbers.module.js';
import type { Provider } from '../providers/provider.js';
import { ProviderRegistry } from '../providers/provider-registry.js';
import { TelephonyModule } from '../telephony.module.js';
import { TextsModule } from '../texts/texts.module.js';
import { ExotelCallConfirmations } from './calls/call-confirmations.js';
import { ExotelCallMisses } from './calls/call-misses.js';
import { ExotelCallStatusRoute } from './calls/ordered-call-status-route.js';
import { ExotelConnectRoute } from './calls/connect-route.js';
import { ExotelCallPlacer } from './calls/exotel-call-placer.js';
import { ExotelCallRecords } from './calls/exotel-call-records.js';
import { ExotelCallsController } from './calls/exotel-calls.controller.js';
import { ExoPhones } from './exophones.js';
import { ExotelCallbackAccess } from './exotel-callback-access.js';
import { ExotelConfig } from './exotel-config.js';
import { ExotelRateLimit } from './exotel-rate-limit.js';
import { ExotelRecordings } from './exotel-recordings.js';
import { ExotelSecrets } from './exotel-secrets.js';
import { ExotelSms } from './texts/exotel-sms.js';
import { ExotelTextsController } from './texts/exotel-texts.controller.js';

/** What Exotel can do with our account. */
@Injectable()
class ExotelProvider implements Provider {
  readonly name = 'exotel';
  readonly texts: Provider['texts'];

  constructor(
    readonly numbers: ExoPhones,
    readonly calls: ExotelCallPlacer,
    readonly callRecords: ExotelCallRecords,
    readonly recordings: ExotelRecordings,
    sender: ExotelSms,
    config: ExotelConfig,
  ) {
    this.texts = config.texts ? { forwardsIn: () => true, sender } : null;
  }
}

/** Exotel's callbacks and our requests to Exotel. Loaded only if there is an account. */
@Module({
  imports: [TelephonyModule, TextsModule, VirtualNumbersModule],
  controllers: [ExotelCallsController, ExotelTextsController],
  providers: [
    ExotelProvider,
    ExotelRateLimit,
    ExotelSecrets,
    ExotelCallbackAccess,
    ExotelCallConfirmations,
    ExotelCallMisses,
    ExotelConnectRoute,
    ExotelCallStatusRoute,
    ExotelCallRecords,
    ExotelCallPlacer,
    ExotelRecordings,
    ExoPhones,
    ExotelSms,
  ],
})
export class ExotelModule {
  static of(config: ExotelConfig): DynamicModule {
    return { module: ExotelModule, providers: [{ provide: ExotelConfig, useValue: config }] };
  }

  constructor(registry: ProviderRegistry, exotel: ExotelProvider) {
    registry.add(exotel);
  }
}
