import { Body, Controller, Delete, Get, Header, HttpCode, Param, ParseUUIDPipe, Post, Query } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiParam, ApiTags } from '@nestjs/swagger';

import { AcceptsIdempotencyKey } from '../../platform/http/idempotency/accepts-idempotency-key.js';
import { answered } from '../../platform/http/idempotency/keyed-request.js';
import { AuditService } from '../../platform/audit/audit.service.js';
import { ApiProblem } from '../../platform/http/api-problem.js';
import { RequestedBy, type KeyPrincipal } from '../../platform/http/authentication/principal.js';
import { ForKeysOfPools, NeedsScope } from '../../platform/http/authentication/route-access.js';
import { InvalidRequest, MissingKey } from '../../platform/http/request.problems.js';
import type { Role } from '../../virtual-numbers/role.js';
import { NumbersBusy } from '../../virtual-numbers/pools/virtual-numbers.problems.js';
import { AlternatePhonesService } from '../alternate-phones/alternate-phones.service.js';
import { PhoneRequest } from '../views/orders.dto.js';
import {
  LinkNotFound,
  NoAgentYet,
  OrderClosed,
  OrderNotFound,
  OrderWithoutNumbers,
  ParticipantNotFound,
  PhoneNotFound,
  PhoneTaken,
  SamePhone,
  SeveralLinks,
  TooManyPhones,
  TooManyPhonesTried,
  UnusablePhone,
} from '../order/orders.problems.js';
import { LinkQuery } from '../links/links.dto.js';
import { ParticipantAccessService } from './participant-access.service.js';
import { BlockResponse, KnownPhonesResponse, PinResponse } from './participants.dto.js';
import { RolePipe } from './role.pipe.js';

/** An invalid id is answered like an unknown one. */
const PHONE_ID = new ParseUUIDPipe({
  exceptionFactory: () => new InvalidRequest(['the id in the path must be one from the list of phones']),
});

@ApiTags('orders')
@ApiProblem(MissingKey)
@ApiParam({ name: 'role', type: String, example: 'customer' })
@Controller('v1/orders/:reference/participants/:role')
export class ParticipantsController {
  constructor(
    private readonly phones: AlternatePhonesService,
    private readonly access: ParticipantAccessService,
    private readonly audit: AuditService,
  ) {}

  @Get('phones')
  @NeedsScope('orders:read')
  @ForKeysOfPools()
  @ApiOperation({
    operationId: 'listPhones',
    summary: 'List the phones from which a participant may call, the registered one first',
  })
  @ApiOkResponse({ type: KnownPhonesResponse })
  @ApiProblem(InvalidRequest, OrderNotFound, OrderClosed, NoAgentYet, ParticipantNotFound)
  async list(
    @Param('reference') reference: string,
    @Param('role', new RolePipe()) role: Role,
  ): Promise<KnownPhonesResponse> {
    return KnownPhonesResponse.from(await this.phones.list(reference, role));
  }

  @Post('phones')
  @AcceptsIdempotencyKey()
  @NeedsScope('orders:write')
  @ForKeysOfPools()
  @HttpCode(200)
  @ApiOperation({
    operationId: 'addPhone',
    summary: 'Declare an alternate phone',
    description: 'The participant may call from it; it dials the same numbers and never rings.',
  })
  @ApiOkResponse({ type: KnownPhonesResponse })
  @ApiProblem(
    InvalidRequest,
    OrderNotFound,
    OrderClosed,
    NoAgentYet,
    ParticipantNotFound,
    PhoneTaken,
    TooManyPhones,
    UnusablePhone,
    SamePhone,
    NumbersBusy,
    TooManyPhonesTried,
  )
  async declare(
    @Param('reference') reference: string,
    @Param('role', new RolePipe()) role: Role,
    @Body() { phone }: PhoneRequest,
  ): Promise<KnownPhonesResponse> {
    return answered(
      async () => this.phones.declare(reference, role, phone),
      (phones) => KnownPhonesResponse.from(phones),
    );
  }

  @Delete('phones/:id')
  @NeedsScope('orders:write')
  @ForKeysOfPools()
  @ApiOperation({
    operationId: 'removePhone',
    summary: 'Remove an alternate phone',
    description: 'Callers from it hear that the order has ended.',
  })
  @ApiParam({ name: 'id', example: '7a1c3b52-4f0e-4c7a-9d2e-5b8f6a1c0d3e' })
  @ApiOkResponse({ type: KnownPhonesResponse })
  @ApiProblem(InvalidRequest, OrderNotFound, OrderClosed, NoAgentYet, ParticipantNotFound, PhoneNotFound)
  async withdraw(
    @Param('reference') reference: string,
    @Param('role', new RolePipe()) role: Role,
    @Param('id', PHONE_ID) id: string,
  ): Promise<KnownPhonesResponse> {
    return KnownPhonesResponse.from(await this.phones.withdraw(reference, role, id));
  }

  @Get('pin')
  @NeedsScope('orders:write', 'support')
  @ForKeysOfPools()
  @Header('cache-control', 'no-store')
  @ApiOperation({
    operationId: 'getPin',
    summary: 'Get the PIN with which a participant can call from an unknown phone',
  })
  @ApiOkResponse({ type: PinResponse })
  @ApiProblem(
    InvalidRequest,
    OrderNotFound,
    ParticipantNotFound,
    OrderWithoutNumbers,
    LinkNotFound,
    SeveralLinks,
    NumbersBusy,
  )
  async pin(
    @RequestedBy() by: KeyPrincipal,
    @Param('reference') reference: string,
    @Param('role', new RolePipe()) role: Role,
    @Query() { to }: LinkQuery,
  ): Promise<PinResponse> {
    const pin = await this.access.pin(reference, role, to ?? null);
    // The order system reads a PIN for each order. Others read it for somebody.
    if (!by.scopes.includes('orders:write')) await this.audit.record(by, { what: 'pins.read', about: reference });
    return PinResponse.from(pin);
  }

  @Post('block')
  @AcceptsIdempotencyKey()
  @NeedsScope('orders:write')
  @ForKeysOfPools()
  @HttpCode(200)
  @ApiOperation({
    operationId: 'blockParticipant',
    summary: 'Block calls and texts to this participant from another one',
    description:
      'It applies again if their link is closed and opened again. A later replacement of the other one is not blocked.',
  })
  @ApiOkResponse({ type: BlockResponse })
  @ApiProblem(InvalidRequest, OrderNotFound, ParticipantNotFound, OrderWithoutNumbers, LinkNotFound, SeveralLinks)
  async block(
    @Param('reference') reference: string,
    @Param('role', new RolePipe()) role: Role,
    @Query() { to }: LinkQuery,
  ): Promise<BlockResponse> {
    return answered(
      async () => this.access.block(reference, role, to ?? null),
      () => ({ blocked: true }),
    );
  }

  @Delete('block')
  @NeedsScope('orders:write')
  @ForKeysOfPools()
  @ApiOperation({ operationId: 'unblockParticipant', summary: 'Remove the block of this participant' })
  @ApiOkResponse({ type: BlockResponse })
  @ApiProblem(InvalidRequest, OrderNotFound, ParticipantNotFound, OrderWithoutNumbers, LinkNotFound, SeveralLinks)
  async unblock(
    @Param('reference') reference: string,
    @Param('role', new RolePipe()) role: Role,
    @Query() { to }: LinkQuery,
  ): Promise<BlockResponse> {
    await this.access.unblock(reference, role, to ?? null);
    return { blocked: false };
  }
}
