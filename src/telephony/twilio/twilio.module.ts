import { Module } from '@nestjs/common';

import { VirtualNumbersModule } from '../../virtual-numbers/virtual-numbers.module.js';
import { CallRecordSources } from '../providers/call-records.js';
import { NumberProviders } from '../providers/number-providers.js';
import { CallPlacers } from '../providers/call-placer.js';
import { RecordingSources } from '../providers/recording-source.js';
import { TelephonyModule } from '../telephony.module.js';
import { TextsModule } from '../texts/texts.module.js';
import { TwilioMessageRoutes } from './texts/message-routes.js';
import { TwilioCallPlacer } from './calls/twilio-call-placer.js';
import { TwilioCallRecords } from './calls/twilio-call-records.js';
import { TwilioRecordings } from './twilio-recordings.js';
import { TwilioNumbers } from './twilio-numbers.js';
import { TwilioCallbackAccess } from './twilio-callback-access.js';
import { TwilioVoiceRoutes } from './calls/voice-routes.js';

/** What Twilio asks of us, and we of Twilio. Only there where an account of it is set up. */
@Module({
  imports: [TelephonyModule, TextsModule, VirtualNumbersModule],
  providers: [
    ...[
      TwilioCallbackAccess,
      TwilioVoiceRoutes,
      TwilioMessageRoutes,
      TwilioNumbers,
      TwilioCallPlacer,
      TwilioCallRecords,
    ],
    TwilioRecordings,
  ],
  exports: [TwilioCallbackAccess],
})
export class TwilioModule {
  constructor(
    providers: NumberProviders,
    books: CallRecordSources,
    placers: CallPlacers,
    sources: RecordingSources,
    numbers: TwilioNumbers,
    records: TwilioCallRecords,
    placer: TwilioCallPlacer,
    recordings: TwilioRecordings,
  ) {
    providers.add('twilio', numbers);
    books.add('twilio', records);
    placers.add('twilio', placer);
    sources.add('twilio', recordings);
  }
}
