import { Controller, Get, Header, Param, StreamableFile } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiParam, ApiProduces, ApiTags } from '@nestjs/swagger';

import { OrderNotFound } from '../../orders/order/orders.problems.js';
import { ApiProblem } from '../../platform/http/api-problem.js';
import { ForKeysOfPools, NeedsScope } from '../../platform/http/authentication/route-access.js';
import { RequestedBy, type Principal } from '../../platform/http/authentication/principal.js';
import { MissingKey } from '../../platform/http/request.problems.js';
import { PROVIDER_FORMAT } from '../../virtual-numbers/provider-name.js';
import { CallNotFound, NoRecording, RecordingUnavailable } from './recordings.problems.js';
import { RecordingsService } from './recordings.service.js';

@ApiTags('orders')
@ApiProblem(MissingKey)
@Controller('v1/orders/:reference/interactions')
export class RecordingsController {
  constructor(private readonly recordings: RecordingsService) {}

  @Get(':provider/:providerCallId/recording')
  @NeedsScope('support')
  @ForKeysOfPools()
  @Header('cache-control', 'no-store')
  @Header('x-content-type-options', 'nosniff')
  @ApiOperation({
    operationId: 'getRecording',
    summary: 'Get the recording of a call as audio from its provider; audited',
  })
  @ApiParam({ name: 'provider', schema: { type: 'string', format: PROVIDER_FORMAT }, example: 'exotel' })
  @ApiParam({ name: 'providerCallId', example: '5f0c1e7a9b3d4c2e8a6f7b1d2c3e191a' })
  @ApiProduces('audio/mpeg')
  @ApiOkResponse({ schema: { type: 'string', format: 'binary' } })
  @ApiProblem(OrderNotFound, CallNotFound, NoRecording, RecordingUnavailable)
  async listen(
    @RequestedBy() by: Principal,
    @Param('reference') reference: string,
    @Param('provider') provider: string,
    @Param('providerCallId') providerCallId: string,
  ): Promise<StreamableFile> {
    const { stream, type, bytes } = await this.recordings.open(by, reference, provider, providerCallId);
    return new StreamableFile(stream, {
      type,
      disposition: 'attachment',
      ...(bytes === null ? {} : { length: bytes }),
    });
  }
}
