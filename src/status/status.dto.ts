import { ApiProperty } from '@nestjs/swagger';

import { DISABLED_BECAUSE, type DisabledBecause } from '../orders/webhooks/webhook-endpoint.js';
import { REFUSE_REASONS, type RefuseReason } from '../telephony/decisions/call-reasons.js';
import { CALL_WORDS } from '../telephony/interactions/reason-words.js';
import { PROVIDER_FORMAT, type ProviderName } from '../virtual-numbers/provider-name.js';
import type { InstallationStatus, PoolStatus } from './status.service.js';

const AT = '2026-11-22T06:00:00.000Z';
const WEBHOOK = '6f1c2f5e-2f0a-4a57-9d6c-3f0f6a1f2b11';

export class LiveOrdersResponse {
  @ApiProperty({ example: 3, description: 'Without an agent' }) placed: number;
  @ApiProperty({ example: 0, description: 'Waiting for numbers of the pool' }) awaitingNumbers: number;
  @ApiProperty({ example: 120 }) active: number;
  @ApiProperty({ example: 14, description: 'Ended, and calls still connect' }) closing: number;
}

export class SpendingResponse {
  @ApiProperty({ type: String, nullable: true, example: 'INR' }) currency: string | null;
  @ApiProperty({ example: 1500, description: 'Monthly rents of the numbers bought in this UTC day' }) today: number;
  @ApiProperty({ type: Number, nullable: true, example: 5000, description: 'null = no limit' })
  mostPerDay: number | null;
  @ApiProperty({ example: 12_000, description: 'Monthly rents of the numbers bought in this UTC month' })
  thisMonth: number;
  @ApiProperty({ type: Number, nullable: true, example: 50_000, description: 'null = no limit' })
  mostPerMonth: number | null;
}

export class PoolStatusResponse {
  @ApiProperty({ example: 'default' }) pool: string;
  @ApiProperty({ type: LiveOrdersResponse, description: 'Orders that are not over' }) orders: LiveOrdersResponse;
  @ApiProperty({
    type: Date,
    nullable: true,
    example: null,
    description: 'Since when the order that waits longest has waited for numbers; null = none waits',
  })
  oldestWaitingSince: Date | null;
  @ApiProperty({ type: SpendingResponse }) spending: SpendingResponse;

  static from({ pool, orders, oldestWaitingSince, spent }: PoolStatus): PoolStatusResponse {
    const { name, currency, maxSpendPerDay, maxSpendPerMonth } = pool;
    const { placed, active, closing, 'awaiting-numbers': awaitingNumbers } = orders;
    const { today, thisMonth } = spent;
    return {
      pool: name,
      orders: { placed, awaitingNumbers, active, closing },
      oldestWaitingSince,
      spending: { currency, today, mostPerDay: maxSpendPerDay, thisMonth, mostPerMonth: maxSpendPerMonth },
    };
  }
}

export class CallMinuteResponse {
  @ApiProperty({ example: AT, description: 'Start of a whole minute' }) minute: Date;
  @ApiProperty({ example: 41 }) connected: number;
  @ApiProperty({ example: 3 }) refused: number;
  @ApiProperty({ example: 0, description: 'Callers who were asked for a PIN and did not go on yet' }) pinAsked: number;
}

export class RefusalsResponse {
  @ApiProperty({ enum: REFUSE_REASONS, example: 'ORDER_ENDED' }) reason: RefuseReason;
  @ApiProperty({ example: 'the order is over, or the caller is no longer on it', description: 'The reason in words' })
  because: string;
  @ApiProperty({ example: 2 }) calls: number;
}

export class CallsStatusResponse {
  @ApiProperty({ type: [CallMinuteResponse], description: 'The last 15 whole minutes, oldest first' })
  minutes: CallMinuteResponse[];
  @ApiProperty({
    type: [RefusalsResponse],
    description: 'Refused calls of these minutes, the most frequent reason first',
  })
  refusals: RefusalsResponse[];
}

export class ProviderStatusResponse {
  @ApiProperty({ format: PROVIDER_FORMAT }) provider: ProviderName;
  @ApiProperty({
    enum: ['inventory', 'purchase'],
    description: 'inventory = reading and changing owned numbers; purchase = buying. Either can fail alone',
  })
  use: 'inventory' | 'purchase';
  @ApiProperty({
    type: String,
    nullable: true,
    example: null,
    description: 'Why the last request failed; null = it succeeded, or none was made',
  })
  trouble: string | null;
  @ApiProperty({
    type: Date,
    nullable: true,
    example: null,
    description: 'No requests are sent until then; null = they are sent',
  })
  pausedUntil: Date | null;
}

export class QueueStatusResponse {
  @ApiProperty({ example: 'orders.intake' }) queue: string;
  @ApiProperty({ type: Number, nullable: true, example: 0, description: 'Jobs that wait; null = it was never read' })
  waiting: number | null;
  @ApiProperty({ type: Number, nullable: true, example: 0, description: 'Failed jobs that are kept' })
  failed: number | null;
  @ApiProperty({ example: 0, description: 'How long its next job is late' }) overdueSeconds: number;
  @ApiProperty({ example: 1.2, description: 'Time since its backend last answered' }) unreadSeconds: number;
}

export class WebhookStatusResponse {
  @ApiProperty({
    type: String,
    nullable: true,
    example: WEBHOOK,
    description: 'The id of the webhook endpoint; null = the webhook of `ORDER_EVENTS_URL`',
  })
  endpoint: string | null;
  @ApiProperty({ example: 'https://orders.example.com/hooks/maskline' }) url: string;
  @ApiProperty({ example: true }) enabled: boolean;
  @ApiProperty({ enum: DISABLED_BECAUSE, nullable: true, example: null, description: 'Null = it is enabled' })
  disabledBecause: DisabledBecause | null;
  @ApiProperty({ example: 0, description: 'Age of the oldest event that it has not acknowledged' })
  behindSeconds: number;
}

export class ReplicaStatusResponse {
  @ApiProperty({
    type: Number,
    nullable: true,
    example: 0.4,
    description:
      'How far the replica of the process that answers may be behind the database; null = it has none that is filled',
  })
  behindSeconds: number | null;
  @ApiProperty({
    type: String,
    nullable: true,
    example: null,
    description: 'Why the database does not allow a replica, and what to do; null = it does',
  })
  refusal: string | null;
}

export class InstallationStatusResponse {
  @ApiProperty({ type: CallsStatusResponse }) calls: CallsStatusResponse;
  @ApiProperty({ enum: ['on', 'off'], description: 'off = `BUYING=off`: nothing is bought for any pool' })
  buying: 'on' | 'off';
  @ApiProperty({ type: [ProviderStatusResponse], description: 'Providers with an account' })
  providers: ProviderStatusResponse[];
  @ApiProperty({ type: [QueueStatusResponse] }) queues: QueueStatusResponse[];
  @ApiProperty({ type: [WebhookStatusResponse] }) webhooks: WebhookStatusResponse[];
  @ApiProperty({ type: ReplicaStatusResponse }) replica: ReplicaStatusResponse;

  static from(status: InstallationStatus): InstallationStatusResponse {
    const { minutes, refusals, isBuying, providers, queues, webhooks, replica } = status;
    return {
      calls: {
        minutes: [...minutes],
        refusals: refusals.map(({ reason, calls }) => ({ reason, because: CALL_WORDS[reason].because, calls })),
      },
      buying: isBuying ? 'on' : 'off',
      providers: [...providers],
      queues: [...queues],
      webhooks: webhooks.map(({ endpoint, url, disabledBecause, behindSeconds }) => {
        return { endpoint, url, enabled: disabledBecause === null, disabledBecause, behindSeconds };
      }),
      replica,
    };
  }
}

export class StatusResponse {
  @ApiProperty({ example: AT, description: 'The instant of this status' }) at: Date;
  @ApiProperty({ type: [PoolStatusResponse], description: 'By name; those that the key may see' })
  pools: PoolStatusResponse[];
  @ApiProperty({
    type: InstallationStatusResponse,
    nullable: true,
    description: 'What concerns all pools; null for a key that is limited to pools',
  })
  installation: InstallationStatusResponse | null;
}
