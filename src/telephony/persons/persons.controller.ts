import { Body, Controller, HttpCode, Post } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';

import { AcceptsIdempotencyKey } from '../../platform/http/idempotency/accepts-idempotency-key.js';
import { ApiProblem } from '../../platform/http/api-problem.js';
import { NeedsScope } from '../../platform/http/authentication/route-access.js';
import { RequestedBy, type Principal } from '../../platform/http/authentication/principal.js';
import { Expensive } from '../../platform/http/expensive.js';
import { InvalidRequest, MissingKey } from '../../platform/http/request.problems.js';
import { ErasureResponse, PersonRequest, PersonResponse } from './persons.dto.js';
import { PersonsService } from './persons.service.js';

/** Every request is a POST, so that no phone is in a URL. */
@ApiTags('support')
@ApiProblem(MissingKey)
@Controller('v1/persons')
export class PersonsController {
  constructor(private readonly persons: PersonsService) {}

  @Post('export')
  @NeedsScope('support')
  @HttpCode(200)
  @Expensive()
  @ApiOperation({
    operationId: 'exportPerson',
    summary: 'Export everything that is stored about a person; audited',
    description: 'Orders whose quarantine is over contain no phone, so they cannot be found by one.',
  })
  @ApiOkResponse({ type: PersonResponse })
  @ApiProblem(InvalidRequest)
  async export(@RequestedBy() by: Principal, @Body() { phone }: PersonRequest): Promise<PersonResponse> {
    return PersonResponse.from(await this.persons.export(by, phone));
  }

  @Post('erase')
  @AcceptsIdempotencyKey()
  @NeedsScope('support')
  @HttpCode(200)
  @Expensive()
  @ApiOperation({
    operationId: 'erasePerson',
    summary: 'Erase a person; audited',
    description:
      'Deletes what no order needs now. The phone itself, and what the orders add until then, is deleted when their quarantine is over.',
  })
  @ApiOkResponse({ type: ErasureResponse })
  @ApiProblem(InvalidRequest)
  async erase(@RequestedBy() by: Principal, @Body() { phone }: PersonRequest): Promise<ErasureResponse> {
    return ErasureResponse.from(await this.persons.erase(by, phone));
  }
}
