import { ApiProperty } from '@nestjs/swagger';
import { IsString, MaxLength } from 'class-validator';

import { ORDER_NEWS_TYPES } from '../../orders/intake/cloud-event.js';
import type { PendingEvent } from '../../orders/intake/pending-events.service.js';
import { ORDER_STATUSES, type OrderStatus } from '../../orders/order/order.entity.js';
import { PROVIDER_FORMAT, type ProviderName } from '../../virtual-numbers/provider-name.js';
import type { Erased, StoredCall, StoredParticipation, StoredPerson } from './persons.service.js';

const AT = '2026-11-22T06:00:00.000Z';

export class PersonRequest {
  @ApiProperty({ example: '+919000000001', description: "The person's phone in E.164" })
  @IsString()
  @MaxLength(64)
  phone: string;
}

export class PersonsNumber {
  @ApiProperty({ example: '+918047000001', description: 'The number that the person dials' }) dials: string;
  @ApiProperty({ example: 'agent', description: 'The role of the other participant' }) to: string;
  @ApiProperty({ example: AT }) assignedAt: Date;
  @ApiProperty({ example: AT }) connectsUntil: Date;
  @ApiProperty({ type: Date, nullable: true, example: null }) quarantinedUntil: Date | null;
  @ApiProperty({
    type: Date,
    nullable: true,
    example: null,
    description: 'Since when the other participant blocks them',
  })
  blockedAt: Date | null;
  @ApiProperty({ example: false, description: 'Whether a PIN is stored' }) hasPin: boolean;
}

export class PersonsOrder {
  @ApiProperty({ example: 'order-1001' }) reference: string;
  @ApiProperty({ enum: ORDER_STATUSES }) status: OrderStatus;
  @ApiProperty({ example: 'customer' }) role: string;
  @ApiProperty({
    enum: ['registered', 'declared', 'pin'],
    description: '`declared` and `pin`: an alternate phone of the participant',
  })
  known: string;
  @ApiProperty({ example: AT }) joinedAt: Date;
  @ApiProperty({ type: Date, nullable: true, example: null }) leftAt: Date | null;
  @ApiProperty({ type: Date, nullable: true, example: null, description: 'Since when they want no texts' })
  optedOutAt: Date | null;
  @ApiProperty({ type: [PersonsNumber] }) numbers: PersonsNumber[];

  static from(stored: StoredParticipation): PersonsOrder {
    const { reference, status, role, known, joinedAt, leftAt, optedOutAt, numbers } = stored;
    return {
      ...{ reference, status, role, known, joinedAt, leftAt, optedOutAt },
      numbers: numbers.map(
        ({ number, calleeRole, assignedAt, connectsUntil, quarantinedUntil, blockedAt, hasPin }) => ({
          ...{ dials: number, to: calleeRole, assignedAt, connectsUntil, quarantinedUntil, blockedAt, hasPin },
        }),
      ),
    };
  }
}

export class PersonsEvent {
  @ApiProperty({ enum: ORDER_NEWS_TYPES, example: 'order.placed' }) type: string;
  @ApiProperty({ example: 'order-1001', description: 'The order that it is about' }) reference: string;
  @ApiProperty({ example: 'customer', description: 'The role for which the phone is named' }) role: string;
  @ApiProperty({ example: AT }) receivedAt: Date;

  static from({ type, reference, role, receivedAt }: PendingEvent): PersonsEvent {
    return { type, reference, role, receivedAt };
  }
}

export class PersonsCall {
  @ApiProperty({ example: 'order-1001' }) reference: string;
  @ApiProperty({ enum: ['call', 'text'] }) kind: string;
  @ApiProperty({ type: String, format: PROVIDER_FORMAT }) provider: ProviderName;
  @ApiProperty({ example: 'c5797dcbaaeed7678c4062a4a3ed2f8a', description: "The provider's id" }) id: string;
  @ApiProperty({ example: AT }) at: Date;
  @ApiProperty({ type: String, nullable: true, example: 'customer', description: 'The role of the caller or sender' })
  from: string | null;
  @ApiProperty({ type: String, nullable: true, example: '+918047000001', description: 'The dialled number' })
  number: string | null;
  @ApiProperty({ example: 'connect' }) decision: string;
  @ApiProperty({ example: 'CONNECTED' }) reason: string;
  @ApiProperty({ type: String, nullable: true, example: 'completed' }) outcome: string | null;
  @ApiProperty({ type: Number, nullable: true, example: 61 }) talkSeconds: number | null;
  @ApiProperty({ type: String, nullable: true, example: null, description: 'Of a text: its delivery' })
  delivery: string | null;
  @ApiProperty({ example: false, description: 'Whether a link to a recording is stored' }) recorded: boolean;
  @ApiProperty({ type: String, nullable: true, example: null, description: 'Kept words of a text, redacted' })
  words: string | null;

  static from(call: StoredCall): PersonsCall {
    const { reference, kind, provider, providerCallId, at, from, number, decision, reason, outcome } = call;
    const { talkSeconds, delivery, isRecorded, words } = call;
    return {
      ...{ reference, kind, provider, id: providerCallId, at, from, number, decision, reason, outcome },
      ...{ talkSeconds, delivery, recorded: isRecorded, words },
    };
  }
}

export class PersonsAuditEntry {
  @ApiProperty({ example: AT }) at: Date;
  @ApiProperty({ example: 'key 3fa41c09' }) who: string;
  @ApiProperty({ example: 'routing.explain' }) what: string;
  @ApiProperty({ type: String, nullable: true, example: '+918047000001' }) about: string | null;
}

export class PersonResponse {
  @ApiProperty({ example: '+91••••••••01' }) phone: string;
  @ApiProperty({ type: [PersonsOrder], description: 'Orders that still contain the phone' }) orders: PersonsOrder[];
  @ApiProperty({ type: [PersonsEvent], description: 'Events of the order system that are not applied yet' })
  events: PersonsEvent[];
  @ApiProperty({ type: [PersonsCall], description: 'Calls and texts of these orders, oldest first' })
  interactions: PersonsCall[];
  @ApiProperty({ type: [PersonsAuditEntry], description: 'Accesses that asked for the phone, oldest first' })
  audit: PersonsAuditEntry[];
  @ApiProperty({ example: 0, description: 'Wrong PINs of the last day' }) wrongPins: number;

  static from({ phone, orders, events, calls, audit, wrongPins }: StoredPerson): PersonResponse {
    return {
      phone,
      orders: orders.map((order) => PersonsOrder.from(order)),
      events: events.map((event) => PersonsEvent.from(event)),
      interactions: calls.map((call) => PersonsCall.from(call)),
      audit: audit.map(({ at, who, what, about }) => ({ at, who, what, about })),
      wrongPins,
    };
  }
}

export class ErasedCounts {
  @ApiProperty({ example: 2, description: 'Texts whose words were deleted' }) texts: number;
  @ApiProperty({ example: 1, description: 'Deleted links to recordings' }) recordings: number;
  @ApiProperty({ example: 1, description: 'Audit entries that named the phone' }) auditEntries: number;
  @ApiProperty({ example: false, description: 'Whether wrong PINs of the phone were stored' }) wrongPins: boolean;
}

export class Remaining {
  @ApiProperty({ example: 'order-1001' }) reference: string;
  @ApiProperty({ example: 'customer' }) role: string;
  @ApiProperty({ example: 'The order is active. The phone is deleted when its quarantine is over.' }) why: string;
  @ApiProperty({
    type: Date,
    nullable: true,
    example: null,
    description: 'When the phone is deleted; null while the order has not ended',
  })
  until: Date | null;

  static from({ reference, role, status, numbers }: StoredParticipation): Remaining {
    const ends = numbers.flatMap(({ quarantinedUntil }) => quarantinedUntil ?? []);
    if (status !== 'ended' && ends.length < Math.max(1, numbers.length)) {
      return {
        reference,
        role,
        until: null,
        why: `The order is ${status}. The phone is deleted when its quarantine is over.`,
      };
    }
    const until = ends.length === 0 ? null : new Date(Math.max(...ends.map((end) => end.getTime())));
    return { reference, role, until, why: 'In quarantine: the number must not lead to another person yet.' };
  }

  static fromEvent({ reference, role, type }: PendingEvent): Remaining {
    return {
      reference,
      role,
      until: null,
      why: `An event ${type} is not applied yet. It is applied or rejected within a quarter of an hour, and the erasure follows it to the order.`,
    };
  }
}

export class ErasureResponse {
  @ApiProperty({ format: 'uuid', description: 'In the audit log, instead of the phone' }) id: string;
  @ApiProperty({ type: ErasedCounts }) erased: ErasedCounts;
  @ApiProperty({ type: [Remaining], description: 'What orders and events still need. Empty = nothing is left.' })
  remains: Remaining[];

  static from({ id, texts, recordings, auditEntries, wrongPins, remains, events }: Erased): ErasureResponse {
    return {
      id,
      erased: { texts, recordings, auditEntries, wrongPins },
      remains: [...remains.map((one) => Remaining.from(one)), ...events.map((one) => Remaining.fromEvent(one))],
    };
  }
}
