import { BullModule } from '@nestjs/bullmq';
import { Module } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';

import { OrdersModule } from '../orders/orders.module.js';
import { AuditModule } from '../platform/audit/audit.module.js';
import { VirtualNumbersModule } from '../virtual-numbers/virtual-numbers.module.js';
import { CallBooks } from './call-records.js';
import { CallRoutingService } from './call-routing.service.js';
import { ExplainController } from './explain/explain.controller.js';
import { ExplainService } from './explain/explain.service.js';
import { Interaction } from './interaction.entity.js';
import { InteractionsController } from './interactions.controller.js';
import { InteractionsService } from './interactions.service.js';
import { NumberProviders } from './number-providers.js';
import { CallPlacers } from './outgoing/call-placer.js';
import { OutgoingCall } from './outgoing/outgoing-call.entity.js';
import { OutgoingCallsController } from './outgoing/outgoing-calls.controller.js';
import { OutgoingCallsService } from './outgoing/outgoing-calls.service.js';
import { PinGuesses } from './pin-guesses.service.js';
import { RecentTries } from './recent-tries.js';
import { RecentTriesDueProcessor } from './recent-tries-due.processor.js';
import { ReconcileProcessor } from './reconcile.processor.js';
import { RECONCILE } from './reconcile.queue.js';
import { ReconcileService } from './reconcile.service.js';
import { RecordingSources } from './recordings/recording-source.js';
import { RecordingsController } from './recordings/recordings.controller.js';
import { RecordingsService } from './recordings/recordings.service.js';
import { RECENT_TRIES_DUE } from './recent-tries-due.queue.js';
import { RepeatSecrets } from './repeat-secrets.js';
import { RepeatSecretsDueProcessor } from './repeat-secrets-due.processor.js';
import { REPEAT_SECRETS_DUE } from './repeat-secrets-due.queue.js';
import { WrongPins } from './wrong-pins.js';

/** Calls: whom to connect, and what became of them, whichever provider brings them; each has a module of its own below. */
@Module({
  imports: [
    TypeOrmModule.forFeature([Interaction, OutgoingCall]),
    BullModule.registerQueue({ name: RECENT_TRIES_DUE }, { name: RECONCILE }, { name: REPEAT_SECRETS_DUE }),
    AuditModule,
    OrdersModule,
    VirtualNumbersModule,
  ],
  controllers: [ExplainController, InteractionsController, OutgoingCallsController, RecordingsController],
  providers: [
    CallBooks,
    CallPlacers,
    CallRoutingService,
    ExplainService,
    InteractionsService,
    NumberProviders,
    OutgoingCallsService,
    PinGuesses,
    RecentTries,
    RecentTriesDueProcessor,
    ReconcileProcessor,
    ReconcileService,
    RecordingsService,
    RecordingSources,
    RepeatSecrets,
    RepeatSecretsDueProcessor,
    WrongPins,
  ],
  exports: [
    ...[CallBooks, CallPlacers, CallRoutingService, InteractionsService, NumberProviders, RecentTries],
    RecordingSources,
  ],
})
export class TelephonyModule {}
