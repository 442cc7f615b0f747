import { Body, Controller, Delete, Get, HttpCode, Param, Post, Query } from '@nestjs/common';
import { ApiCreatedResponse, ApiOkResponse, ApiOperation, ApiParam, ApiTags } from '@nestjs/swagger';

import { AcceptsIdempotencyKey } from '../http/idempotency/accepts-idempotency-key.js';
import { answered } from '../http/idempotency/keyed-request.js';
import { Clock } from '../clock/clock.js';
import { ApiProblem } from '../http/api-problem.js';
import { RequestedBy, type KeyPrincipal } from '../http/authentication/principal.js';
import { ForKeysOfPools, NeedsScope } from '../http/authentication/route-access.js';
import { readInstant } from '../http/instant.js';
import { PageQuery } from '../http/page.query.js';
import { InvalidRequest, MissingKey } from '../http/request.problems.js';
import { CreateKeyRequest, KeyResponse, KeysResponse, NewKeyResponse, RotateKeyRequest } from './keys.dto.js';
import { BeyondOwnKey, KeyEnded, KeyNotFound } from './keys.problems.js';
import { KeysService } from './keys.service.js';

const ID = { name: 'id', example: 'bcdfghjkmnpq' };

@ApiTags('keys')
@ApiProblem(MissingKey)
@Controller('v1/keys')
export class KeysController {
  constructor(
    private readonly keys: KeysService,
    private readonly clock: Clock,
  ) {}

  @Post()
  @AcceptsIdempotencyKey()
  @NeedsScope('keys')
  @ForKeysOfPools()
  @ApiOperation({
    operationId: 'createKey',
    summary: 'Create an API key',
    description: 'The answer shows the key once. It can have no more scopes and pools than the key that creates it.',
  })
  @ApiCreatedResponse({ type: NewKeyResponse })
  @ApiProblem(InvalidRequest, BeyondOwnKey)
  async create(
    @RequestedBy() by: KeyPrincipal,
    @Body() { name, scopes, pools = null, expiresAt }: CreateKeyRequest,
  ): Promise<NewKeyResponse> {
    const until = expiresAt ? readInstant(expiresAt) : null;
    return answered(
      async () => this.keys.create(by, { name, scopes, pools, expiresAt: until }),
      (shown) => NewKeyResponse.fromShown(shown, this.clock.now()),
    );
  }

  @Get()
  @NeedsScope('keys')
  @ForKeysOfPools()
  @ApiOperation({
    operationId: 'listKeys',
    summary: 'List API keys, newest first, without those of API_KEY and without secrets',
  })
  @ApiOkResponse({ type: KeysResponse })
  @ApiProblem(InvalidRequest)
  async list(@RequestedBy() by: KeyPrincipal, @Query() { limit, cursor }: PageQuery): Promise<KeysResponse> {
    const { keys, nextCursor } = await this.keys.list(by, limit, cursor);
    return { keys: keys.map((key) => KeyResponse.from(key, this.clock.now())), nextCursor };
  }

  @Post(':id/rotate')
  @AcceptsIdempotencyKey()
  @NeedsScope('keys')
  @ForKeysOfPools()
  @HttpCode(200)
  @ApiOperation({
    operationId: 'rotateKey',
    summary: 'Rotate an API key: another secret under the same id',
    description:
      'The key before is accepted for `overlapSeconds`, so that clients can change over. Rotating again ends it at once.',
  })
  @ApiParam(ID)
  @ApiOkResponse({ type: NewKeyResponse })
  @ApiProblem(InvalidRequest, KeyNotFound, KeyEnded, BeyondOwnKey)
  async rotate(
    @RequestedBy() by: KeyPrincipal,
    @Param('id') id: string,
    @Body() { overlapSeconds }: RotateKeyRequest,
  ): Promise<NewKeyResponse> {
    return answered(
      async () => this.keys.rotate(by, id, overlapSeconds),
      (shown) => NewKeyResponse.fromShown(shown, this.clock.now()),
    );
  }

  @Post(':id/confirm')
  @AcceptsIdempotencyKey()
  @NeedsScope('keys')
  @ForKeysOfPools()
  @HttpCode(200)
  @ApiOperation({
    operationId: 'confirmKey',
    summary: 'Confirm an API key after a restore of the database',
    description:
      'Says that the key was neither revoked nor rotated since the backup. Keys are refused until then, but for those of API_KEY. A key that was rotated since must be rotated again, and one that was revoked, revoked.',
  })
  @ApiParam(ID)
  @ApiOkResponse({ type: KeyResponse })
  @ApiProblem(KeyNotFound, KeyEnded, BeyondOwnKey)
  async confirm(@RequestedBy() by: KeyPrincipal, @Param('id') id: string): Promise<KeyResponse> {
    return answered(
      async () => this.keys.confirm(by, id),
      (row) => KeyResponse.from(row, this.clock.now()),
    );
  }

  @Delete(':id')
  @NeedsScope('keys')
  @ForKeysOfPools()
  @ApiOperation({
    operationId: 'revokeKey',
    summary: 'Revoke an API key',
    description: 'Every process refuses it within 5 s. It stays in the list, and stays revoked.',
  })
  @ApiParam(ID)
  @ApiOkResponse({ type: KeyResponse })
  @ApiProblem(KeyNotFound, BeyondOwnKey)
  async revoke(@RequestedBy() by: KeyPrincipal, @Param('id') id: string): Promise<KeyResponse> {
    return KeyResponse.from(await this.keys.revoke(by, id), this.clock.now());
  }
}
