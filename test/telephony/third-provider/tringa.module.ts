import { Injectable, Module, type DynamicModule } from '@nestjs/common';

import type { Provider } from '../../../src/telephony/providers/provider.js';
import { ProviderRegistry } from '../../../src/telephony/providers/provider-registry.js';
import { TelephonyModule } from '../../../src/telephony/telephony.module.js';
import { TextsModule } from '../../../src/telephony/texts/texts.module.js';
import { TringaApi } from './tringa-api.js';
import { TringaCallbacks } from './tringa-callbacks.js';
import { TringaCallPlacer, TringaCallRecords } from './tringa-calls.js';
import { TringaConfig } from './tringa-config.js';
import { TringaNumbers } from './tringa-numbers.js';
import { TringaTexts } from './tringa-texts.js';

/** It records no calls. */
@Injectable()
class TringaProvider implements Provider {
  readonly name = 'tringa';
  readonly recordings = null;
  readonly texts: Provider['texts'];

  constructor(
    readonly numbers: TringaNumbers,
    readonly calls: TringaCallPlacer,
    readonly callRecords: TringaCallRecords,
    sender: TringaTexts,
  ) {
    this.texts = { forwardsIn: (country) => country === 'GB', sender };
  }
}

@Module({
  imports: [TelephonyModule, TextsModule],
  providers: [
    TringaProvider,
    TringaApi,
    TringaCallbacks,
    TringaCallPlacer,
    TringaCallRecords,
    TringaNumbers,
    TringaTexts,
  ],
})
export class TringaModule {
  static of(config: TringaConfig): DynamicModule {
    return { module: TringaModule, providers: [{ provide: TringaConfig, useValue: config }] };
  }

  constructor(registry: ProviderRegistry, tringa: TringaProvider) {
    registry.add(tringa);
  }
}
