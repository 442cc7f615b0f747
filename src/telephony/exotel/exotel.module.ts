import { Module } from '@nestjs/common';

import { VirtualNumbersModule } from '../../virtual-numbers/virtual-numbers.module.js';
import { NumberProviders } from '../number-providers.js';
import { CallBooks } from '../call-records.js';
import { CallPlacers } from '../outgoing/call-placer.js';
import { RecordingSources } from '../recordings/recording-source.js';
import { TelephonyModule } from '../telephony.module.js';
import { TextsModule } from '../texts/texts.module.js';
import { ExotelCallConfirmations } from './call-confirmations.js';
import { ExotelCallMisses } from './call-misses.js';
import { ExotelCallPlacer } from './exotel-call-placer.js';
import { ExotelCallRecords } from './exotel-call-records.js';
import { ExotelCallStatusRoute } from './call-status-route.js';
import { ExotelConnectRoute } from './connect-route.js';
import { ExoPhones } from './exophones.js';
import { ExotelDoor } from './exotel-door.js';
import { ExotelRecordings } from './exotel-recordings.js';
import { ExotelRateLimit } from './exotel-rate-limit.js';
import { ExotelSecrets } from './exotel-secrets.js';
import { ExotelSms } from './exotel-sms.js';
import { ExotelTextsController } from './exotel-texts.controller.js';
import { ExotelWebhooksController } from './exotel-webhooks.controller.js';

/** What Exotel asks of us, and we of Exotel. Only there where an account of it is set up. */
@Module({
  imports: [TelephonyModule, TextsModule, VirtualNumbersModule],
  controllers: [ExotelWebhooksController, ExotelTextsController],
  providers: [
    ExotelRateLimit,
    ExotelSecrets,
    ExotelDoor,
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
  constructor(
    providers: NumberProviders,
    books: CallBooks,
    placers: CallPlacers,
    sources: RecordingSources,
    exophones: ExoPhones,
    records: ExotelCallRecords,
    placer: ExotelCallPlacer,
    recordings: ExotelRecordings,
  ) {
    providers.add('exotel', exophones);
    books.add('exotel', records);
    placers.add('exotel', placer);
    sources.add('exotel', recordings);
  }
}
