import { ApiProperty, PickType } from '@nestjs/swagger';
import {
  ArrayNotEmpty,
  ArrayUnique,
  buildMessage,
  IsArray,
  IsBoolean,
  IsIn,
  IsInt,
  IsOptional,
  IsString,
  Max,
  MaxLength,
  Min,
  ValidateBy,
} from 'class-validator';

import { IsInstant } from '../../platform/http/instant.js';
import { isWebhookSecret } from '../../platform/webhooks/webhook-secret.js';
import { EVERY_TYPE, TYPE_CHOICES } from '../feed/event-types.js';
import type { NewAttempt, RecordedAttempt } from './webhook-attempts.queries.js';
import { DISABLED_BECAUSE, type DisabledBecause, type WebhookEndpoint } from './webhook-endpoint.js';
import type { EndpointWithSecret } from './webhook-endpoints.service.js';

const LONGEST_URL = 2_000;
const LONGEST_DESCRIPTION = 200;
const DAY_SECONDS = 24 * 60 * 60;
const LONGEST_OVERLAP_SECONDS = 30 * DAY_SECONDS;

const ID = '6f1c2f5e-2f0a-4a57-9d6c-3f0f6a1f2b11';
const SECRET = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw8ZaGfYVcnhM=';
const URL_EXAMPLE = 'https://orders.example.com/hooks/maskline';
const CHOOSES_TYPES = 'Types of events, all of a group (order.*), or * for all, also those of later versions';

/** An http URL without a user or password, which would be shown to whoever lists endpoints. */
function IsWebhookUrl(): PropertyDecorator {
  return ValidateBy({
    name: 'isWebhookUrl',
    validator: {
      validate: (value): boolean => {
        if (typeof value !== 'string' || value.length > LONGEST_URL || !/^https?:\/\//i.test(value)) return false;
        if (!URL.canParse(value)) return false;
        const { username, password, hash } = new URL(value);
        return `${username}${password}${hash}` === '';
      },
      defaultMessage: buildMessage(
        () => `$property must be a URL that begins with https:// or http://, without a user, a password or a #`,
      ),
    },
  });
}

function IsWebhookSecret(): PropertyDecorator {
  return ValidateBy({
    name: 'isWebhookSecret',
    validator: {
      validate: isWebhookSecret,
      defaultMessage: buildMessage(() => '$property must be whsec_ and 24 to 64 bytes in base64'),
    },
  });
}

function AreTypes(): PropertyDecorator {
  const rules = [
    IsArray(),
    ArrayNotEmpty({ message: 'types must not be empty: leave it out for all events' }),
    ArrayUnique({ message: 'types must name each type once' }),
    IsIn(TYPE_CHOICES, { each: true, message: `each of types must be one of ${TYPE_CHOICES.join(', ')}` }),
  ];
  return (target, property) => rules.forEach((rule) => rule(target, property));
}

export class AddWebhookEndpointRequest {
  @ApiProperty({ example: URL_EXAMPLE, description: 'Use https://' })
  @IsWebhookUrl()
  url: string;

  @ApiProperty({
    required: false,
    enum: TYPE_CHOICES,
    isArray: true,
    default: [EVERY_TYPE],
    description: CHOOSES_TYPES,
  })
  @IsOptional()
  @AreTypes()
  types?: string[];

  @ApiProperty({ required: false, example: 'Order system, production', maxLength: LONGEST_DESCRIPTION })
  @IsOptional()
  @IsString()
  @MaxLength(LONGEST_DESCRIPTION, { message: `description must have ${LONGEST_DESCRIPTION} characters at most` })
  description?: string;

  @ApiProperty({ required: false, example: SECRET, description: 'Default: a new one, which is in the response' })
  @IsOptional()
  @IsWebhookSecret()
  secret?: string;
}

export class ChangeWebhookEndpointRequest {
  @ApiProperty({ required: false, example: URL_EXAMPLE })
  @IsOptional()
  @IsWebhookUrl()
  url?: string;

  @ApiProperty({ required: false, enum: TYPE_CHOICES, isArray: true, example: ['order.*'], description: CHOOSES_TYPES })
  @IsOptional()
  @AreTypes()
  types?: string[];

  @ApiProperty({ required: false, type: String, nullable: true, example: 'Order system, staging' })
  @IsOptional()
  @IsString()
  @MaxLength(LONGEST_DESCRIPTION, { message: `description must have ${LONGEST_DESCRIPTION} characters at most` })
  description?: string | null;

  @ApiProperty({
    required: false,
    example: true,
    description: 'false = send nothing. true = go on where it stopped; see also …/replay',
  })
  @IsOptional()
  @IsBoolean()
  enabled?: boolean;
}

export class RotateSecretRequest extends PickType(AddWebhookEndpointRequest, ['secret'] as const) {
  @ApiProperty({
    required: false,
    default: DAY_SECONDS,
    maximum: LONGEST_OVERLAP_SECONDS,
    description: 'For how long the previous secret signs too, beside the new one',
  })
  @IsOptional()
  @IsInt()
  @Min(0, { message: 'overlapSeconds must not be negative' })
  @Max(LONGEST_OVERLAP_SECONDS, { message: `overlapSeconds must be ${LONGEST_OVERLAP_SECONDS} (30 days) at most` })
  overlapSeconds: number = DAY_SECONDS;
}

export class ReplayRequest {
  @ApiProperty({
    example: '2026-11-22T06:00:00Z',
    description: 'Events since then are sent, again or for the first time. Waiting events from before are left out',
  })
  @IsInstant()
  since: string;
}

export class WebhookEndpointResponse {
  @ApiProperty({ example: ID }) id: string;
  @ApiProperty({ example: URL_EXAMPLE }) url: string;
  @ApiProperty({ type: [String], example: [EVERY_TYPE], description: CHOOSES_TYPES }) types: readonly string[];
  @ApiProperty({ type: String, nullable: true, example: 'Order system, production' }) description: string | null;
  @ApiProperty({ enum: ['enabled', 'disabled'], example: 'enabled' }) status: 'enabled' | 'disabled';
  @ApiProperty({
    enum: DISABLED_BECAUSE,
    nullable: true,
    example: null,
    description:
      'requested = by PATCH; gone = it answered 410; failing = no attempt succeeded for three days; restored = the database was restored, so it may have been deleted or changed since',
  })
  disabledBecause: DisabledBecause | null;
  @ApiProperty({ type: Date, nullable: true, example: null }) disabledAt: Date | null;
  @ApiProperty({ type: Date, nullable: true, example: null, description: 'Null = the last attempt succeeded' })
  failingSince: Date | null;
  @ApiProperty({ example: 0, description: 'Failed attempts for the event that is next' }) failedAttempts: number;
  @ApiProperty({
    type: Date,
    nullable: true,
    example: null,
    description: 'When the failed event is sent again; null = nothing failed, or the endpoint is disabled',
  })
  nextAttemptAt: Date | null;
  @ApiProperty({
    type: Date,
    nullable: true,
    example: null,
    description: 'Until when the previous secret signs too; null = there was none',
  })
  previousSecretUntil: Date | null;
  @ApiProperty({ example: '2026-11-22T06:00:00.000Z' }) createdAt: Date;

  static from(endpoint: WebhookEndpoint): WebhookEndpointResponse {
    const { id, url, types, description, createdAt, disabledBecause, disabledAt, firstFailedAt, attempts } = endpoint;
    const isWaiting = disabledBecause === null && attempts > 0;
    return {
      id,
      url,
      types,
      description,
      status: disabledBecause === null ? 'enabled' : 'disabled',
      disabledBecause,
      disabledAt,
      failingSince: firstFailedAt,
      failedAttempts: attempts,
      nextAttemptAt: isWaiting ? endpoint.nextAttemptAt : null,
      previousSecretUntil: endpoint.previousUntil,
      createdAt,
    };
  }
}

export class WebhookEndpointWithSecretResponse extends WebhookEndpointResponse {
  @ApiProperty({ example: SECRET, description: 'Store it: no other response contains it' }) secret: string;

  static with({ endpoint, secret }: EndpointWithSecret): WebhookEndpointWithSecretResponse {
    return { ...WebhookEndpointResponse.from(endpoint), secret };
  }
}

export class WebhookEndpointsResponse {
  @ApiProperty({ type: [WebhookEndpointResponse] }) endpoints: WebhookEndpointResponse[];
}

export class WebhookAttemptResponse {
  @ApiProperty({ example: 'event-17', description: 'The header webhook-id' }) webhookId: string;
  @ApiProperty({ example: 'order.completed' }) type: string;
  @ApiProperty({ example: '2026-11-22T06:00:00.000Z' }) at: Date;
  @ApiProperty({ example: true, description: 'Whether it was answered with 2xx' }) acknowledged: boolean;
  @ApiProperty({ type: Number, nullable: true, example: 204, description: 'Null = no answer' }) status: number | null;
  @ApiProperty({ type: String, nullable: true, example: null, description: 'Why it is not acknowledged' })
  failure: string | null;
  @ApiProperty({ example: 38, description: 'Milliseconds until the answer, or the failure' }) durationMs: number;
  @ApiProperty({
    type: String,
    nullable: true,
    example: null,
    description: "The first 500 characters of the answer's body, without what may be a phone number",
  })
  response: string | null;

  static from({
    webhookId,
    type,
    at,
    status,
    failure,
    durationMs,
    response,
  }: NewAttempt | RecordedAttempt): WebhookAttemptResponse {
    return { webhookId, type, at, acknowledged: failure === null, status, failure, durationMs, response };
  }
}

export class WebhookAttemptsResponse {
  @ApiProperty({ type: [WebhookAttemptResponse], description: 'Newest first; those of the last 7 days' })
  attempts: WebhookAttemptResponse[];
  @ApiProperty({ type: String, nullable: true, example: null }) nextCursor: string | null;
}
