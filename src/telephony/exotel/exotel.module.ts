import { Module } from '@nestjs/common';

import { VirtualNumbersModule } from '../../virtual-numbers/virtual-numbers.module.js';
import { NumberProviders } from '../providers/number-providers.js';
import { CallRecordSources } from '../providers/call-records.js';
import { CallPlacers } from '../providers/call-placer.js';
import { RecordingSources } from '../providers/recording-source.js';
import { TelephonyModule } from '../telephony.module.js';
import { TextsModule } from '../texts/texts.module.js';
import { ExotelCallConfirmations } from './calls/call-confirmations.js';
import { ExotelCallMisses } from './calls/call-misses.js';
import { ExotelCallPlacer } from './calls/exotel-call-placer.js';
import { ExotelCallRecords } from './calls/exotel-call-records.js';
import { ExotelCallStatusRoute } from './calls/call-status-route.js';
import { ExotelConnectRoute } from './calls/connect-route.js';
import { ExoPhones } from './exophones.js';
import { ExotelCallbackAccess } from './exotel-callback-access.js';
import { ExotelRecordings } from './exotel-recordings.js';
import { ExotelRateLimit } from './exotel-rate-limit.js';
import { ExotelSecrets } from './exotel-secrets.js';
import { ExotelSms } from './texts/exotel-sms.js';
import { ExotelTextsController } from './texts/exotel-texts.controller.js';
import { ExotelWebhooksController } from './calls/exotel-webhooks.controller.js';

/** What Exotel asks of us, and we of Exotel. Only there where an account of it is set up. */
@Module({
  imports: [TelephonyModule, TextsModule, VirtualNumbersModule],
  controllers: [ExotelWebhooksController, ExotelTextsController],
  providers: [
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
  constructor(
    providers: NumberProviders,
    books: CallRecordSources,
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
