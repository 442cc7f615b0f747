import { BullModule } from '@nestjs/bullmq';
import { Module } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import { PinoLogger } from 'nestjs-pino';

import { OrdersModule } from '../orders/orders.module.js';
import { AuditModule } from '../platform/audit/audit.module.js';
import { ReplicaHome } from '../virtual-numbers/replica/replica-feed.service.js';
import { VirtualNumbersModule } from '../virtual-numbers/virtual-numbers.module.js';
import { CallJournal, openCallJournal } from './decisions/call-journal.js';
import { AnnouncementLagMetrics } from './announcements/announcement-lag.metrics.js';
import { InteractionEventsProcessor } from './announcements/interaction-events.processor.js';
import { INTERACTION_EVENTS } from './announcements/interaction-events.queue.js';
import { InteractionEvents } from './announcements/interaction-events.service.js';
import { CallLookup } from './calls/call-lookup.js';
import { CallRoutingService } from './calls/call-routing.service.js';
import { DecisionRecorder } from './decisions/decision-recorder.js';
import { DecisionRecords } from './decisions/decision-records.js';
import { ExplainController } from './explain/explain.controller.js';
import { ExplainService } from './explain/explain.service.js';
import { OrderExplanationService } from './explain/order-explanation.service.js';
import { Interaction } from './decisions/interaction.entity.js';
import { InteractionsController } from './interactions/interactions.controller.js';
import { InteractionsService } from './interactions/interactions.service.js';
import { CallsEndedProcessor } from './interactions/calls-ended.processor.js';
import { CALLS_ENDED } from './interactions/calls-ended.queue.js';
import { CallsOfNoOrder } from './interactions/calls-of-no-order.service.js';
import { OutgoingCall } from './outgoing/outgoing-call.entity.js';
import { OutgoingCallsController } from './outgoing/outgoing-calls.controller.js';
import { OutgoingCallsService } from './outgoing/outgoing-calls.service.js';
import { PinCheckService } from './calls/pin-check.service.js';
import { PromptDatabase } from './decisions/prompt-database.js';
import { RecentTries } from './tries/recent-tries.js';
import { RecentTriesDueProcessor } from './tries/recent-tries-due.processor.js';
import { ReconcileProcessor } from './reconciliation/reconcile.processor.js';
import { RECONCILE } from './reconciliation/reconcile.queue.js';
import { ReconcileService } from './reconciliation/reconcile.service.js';
import { RecordingsController } from './recordings/recordings.controller.js';
import { RecordingsService } from './recordings/recordings.service.js';
import { SearchController } from './search/search.controller.js';
import { SearchService } from './search/search.service.js';
import { RECENT_TRIES_DUE } from './tries/recent-tries-due.queue.js';
import { RepeatSecrets } from './decisions/repeat-secrets.js';
import { RepeatSecretsDueProcessor } from './decisions/repeat-secrets-due.processor.js';
import { REPEAT_SECRETS_DUE } from './decisions/repeat-secrets-due.queue.js';
import { WrongPins } from './tries/wrong-pins.js';

/** Calls and texts. Each provider has its own module below this one. */
@Module({
  imports: [
    TypeOrmModule.forFeature([Interaction, OutgoingCall]),
    BullModule.registerQueue(
      { name: CALLS_ENDED },
      { name: INTERACTION_EVENTS },
      { name: RECENT_TRIES_DUE },
      { name: RECONCILE },
      { name: REPEAT_SECRETS_DUE },
    ),
    AuditModule,
    OrdersModule,
    VirtualNumbersModule,
  ],
  controllers: [
    ExplainController,
    InteractionsController,
    OutgoingCallsController,
    RecordingsController,
    SearchController,
  ],
  providers: [
    { provide: CallJournal, inject: [ReplicaHome, PinoLogger], useFactory: openCallJournal },
    CallLookup,
    CallRoutingService,
    CallsEndedProcessor,
    CallsOfNoOrder,
    DecisionRecorder,
    DecisionRecords,
    ExplainService,
    InteractionEvents,
    InteractionEventsProcessor,
    AnnouncementLagMetrics,
    InteractionsService,
    OrderExplanationService,
    OutgoingCallsService,
    PinCheckService,
    PromptDatabase,
    RecentTries,
    RecentTriesDueProcessor,
    ReconcileProcessor,
    ReconcileService,
    RecordingsService,
    RepeatSecrets,
    RepeatSecretsDueProcessor,
    SearchService,
    WrongPins,
  ],
  exports: [...[CallRoutingService, InteractionsService, PromptDatabase, RecentTries]],
})
export class TelephonyModule {}
