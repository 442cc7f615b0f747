import { Controller, Get, Param, Query } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiParam, ApiProperty, ApiTags } from '@nestjs/swagger';

import type { E164 } from '../../phone-number/e164.js';
import { AuditService } from '../../platform/audit/audit.service.js';
import { Expensive } from '../../platform/http/expensive.js';
import { ApiProblem } from '../../platform/http/api-problem.js';
import { RequestedBy, type Principal } from '../../platform/http/authentication/principal.js';
import { ForKeysOfPools, NeedsScope } from '../../platform/http/authentication/route-access.js';
import { IsInstant, readInstant } from '../../platform/http/instant.js';
import { InvalidRequest, MissingKey } from '../../platform/http/request.problems.js';
import type { Role } from '../../virtual-numbers/role.js';
import { NumberNotFound } from '../../virtual-numbers/pools/virtual-numbers.problems.js';
import { VirtualNumbersService } from '../../virtual-numbers/numbers/virtual-numbers.service.js';
import { OrderViewsService, type ServedOrder } from '../views/order-views.service.js';

export class ServedQuery {
  @ApiProperty({ example: '2026-11-22T06:00:00Z', description: 'An instant with a time zone' })
  @IsInstant()
  at: string;
}

export class ServedOrderResponse {
  @ApiProperty({ type: String, nullable: true, example: 'order-1001' }) reference: string | null;
  @ApiProperty({ type: String, example: 'customer', description: 'The role of the participant who could dial it' })
  dialler: Role;
  @ApiProperty({ format: 'uuid' }) diallerId: string;
  @ApiProperty({ type: String, example: 'agent', description: 'The role of the participant whom it reaches' })
  callee: Role;
  @ApiProperty({
    type: String,
    format: 'uuid',
    nullable: true,
    description: 'The participant whose phone rang; null = nobody, because the link was half-open',
  })
  calleeId: string | null;
  @ApiProperty({
    type: String,
    nullable: true,
    example: '+918047000002',
    description: 'The number that the callee saw',
  })
  shownNumber: E164 | null;
  @ApiProperty() assignedAt: Date;
  @ApiProperty() connectsUntil: Date;

  static from(served: ServedOrder): ServedOrderResponse {
    const { reference, diallerRole, diallerId, calleeRole, calleeId, shownNumber, assignedAt, connectsUntil } = served;
    return {
      reference,
      dialler: diallerRole,
      diallerId,
      callee: calleeRole,
      calleeId,
      shownNumber,
      assignedAt,
      connectsUntil,
    };
  }
}

export class ServedOrdersResponse {
  @ApiProperty({ type: [ServedOrderResponse] }) served: ServedOrderResponse[];
}

@ApiTags('numbers')
@ApiProblem(MissingKey)
@Controller('v1/numbers/:number/served')
export class ServedOrdersController {
  constructor(
    private readonly orders: OrderViewsService,
    private readonly numbers: VirtualNumbersService,
    private readonly audit: AuditService,
  ) {}

  @Get()
  @NeedsScope('support')
  @ForKeysOfPools()
  @Expensive()
  @ApiOperation({
    operationId: 'listServedOrders',
    summary: 'List the orders and participants that a number served at an instant, now or in the past; audited',
  })
  @ApiParam({ name: 'number', example: '+918047000001' })
  @ApiOkResponse({ type: ServedOrdersResponse })
  @ApiProblem(InvalidRequest, NumberNotFound)
  async served(
    @RequestedBy() by: Principal,
    @Param('number') number: string,
    @Query() { at }: ServedQuery,
  ): Promise<ServedOrdersResponse> {
    const ours = await this.numbers.mustBeOurs(number);
    await this.audit.record(by, { what: 'numbers.served', about: ours });
    return {
      served: (await this.orders.servedBy(ours, readInstant(at)!)).map((order) => ServedOrderResponse.from(order)),
    };
  }
}
