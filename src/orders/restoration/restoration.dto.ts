import { ApiProperty, PickType } from '@nestjs/swagger';
import { Equals, IsOptional, MaxLength } from 'class-validator';

import { IsInstant } from '../../platform/http/instant.js';
import { PageQuery } from '../../platform/http/page.query.js';
import type { RecognisedBy } from '../../platform/restoration/recognition.js';
import type { Doubt } from './restoration.service.js';

const RECOGNISED_BY: readonly RecognisedBy[] = ['rewritten', 'set-back', 'older-version', 'stated'];
const STATES = ['none', 'confirming', 'withholding'] as const;
type State = (typeof STATES)[number];

const WHAT_TO_DO: Readonly<Record<State, string>> = {
  none: 'Nothing.',
  confirming:
    'With a key of API_KEY: GET /v1/keys, and confirm, rotate or revoke each key that is unconfirmed; GET /v1/webhook-endpoints, and enable or delete each that is disabled as restored. Then, for each open order, repeat what happened since contentUntil (replacements, blocks, completions), and then place the order again with POST /v1/orders and PUT its other participants. GET /v1/restoration/orders lists those that are left.',
  withholding: 'Nothing. Numbers that may be in use since the gap take orders again when their time is over.',
};

export class StateRestorationRequest {
  @ApiProperty({
    required: false,
    example: '2026-11-22T03:00:00Z',
    description: 'When the backup was taken. Only shown.',
  })
  @IsOptional()
  @IsInstant()
  contentUntil?: string;
}

export class EndRestorationRequest {
  @ApiProperty({
    example: true,
    description:
      'Must be true. Say it only if the database contains everything that was ever committed, for example after a planned move. Otherwise calls reach the wrong people.',
  })
  @Equals(true, { message: 'nothingWasLost must be true, or the restoration cannot be ended by hand' })
  nothingWasLost: boolean;
}

export class RestorationResponse {
  @ApiProperty({
    enum: STATES,
    description:
      'none: nothing is in doubt; confirming: API keys wait to be confirmed, or orders to be placed again, and are refused; withholding: only numbers are left that take no orders yet',
  })
  state: State;
  @ApiProperty({
    enum: RECOGNISED_BY,
    nullable: true,
    description:
      'rewritten: the content was written by a restore from a dump, or copied; set-back: a later heartbeat was seen outside the database; older-version: a heartbeat was seen outside the database, which has none; stated: an operator said so',
  })
  recognisedBy: RecognisedBy | null;
  @ApiProperty({
    type: Date,
    nullable: true,
    example: '2026-11-22T03:00:00.000Z',
    description: 'What happened since is missing from the database; null = unknown',
  })
  contentUntil: Date | null;
  @ApiProperty({ type: Date, nullable: true, example: '2026-11-22T06:00:00.000Z', description: 'The end of the gap' })
  detectedAt: Date | null;
  @ApiProperty({ example: 132, description: 'Open orders whose calls are refused with ORDER_UNCONFIRMED' })
  unconfirmedOrders: number;
  @ApiProperty({ example: 40, description: 'Numbers that take no orders, because who may dial them is not known' })
  withheldNumbers: number;
  @ApiProperty({ example: 3, description: 'API keys that are refused until they are confirmed or revoked' })
  unconfirmedKeys: number;
  @ApiProperty({ example: 1, description: 'Webhook endpoints that get nothing until they are enabled' })
  disabledEndpoints: number;
  @ApiProperty({ type: Date, nullable: true, example: '2026-11-24T06:00:00.000Z', description: 'The last of them' })
  withheldUntil: Date | null;
  @ApiProperty({ example: WHAT_TO_DO.confirming }) whatToDo: string;

  static from({ restoration, ...counts }: Doubt): RestorationResponse {
    const isConfirming = counts.unconfirmedOrders + counts.unconfirmedKeys > 0;
    const state = restoration === null ? 'none' : isConfirming ? 'confirming' : 'withholding';
    return {
      state,
      recognisedBy: restoration?.recognisedBy ?? null,
      contentUntil: restoration?.contentUntil ?? null,
      detectedAt: restoration?.detectedAt ?? null,
      ...counts,
      withheldUntil: restoration?.numbersWithheldUntil ?? null,
      whatToDo: WHAT_TO_DO[state],
    };
  }
}

export class UnconfirmedOrdersQuery extends PickType(PageQuery, ['limit'] as const) {
  @ApiProperty({ required: false, description: 'The last reference of the last page' })
  @IsOptional()
  @MaxLength(200)
  after?: string;
}

export class UnconfirmedOrdersResponse {
  @ApiProperty({ type: [String], example: ['order-1001', 'order-1002'], description: 'Their references, sorted' })
  references: string[];
}
