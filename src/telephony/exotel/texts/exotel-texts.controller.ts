import { Body, Controller, Get, Head, Header, HttpCode, Post, Query, Res } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import { PinoLogger } from 'nestjs-pino';

import { OpenToProviders } from '../../../platform/http/authentication/route-access.js';
import { DatabaseOutages } from '../../../platform/database/database-outages.js';
import { withDeadline } from '../../../platform/clock/deadline.js';
import { tookTooLong } from '../../providers/took-too-long.js';
import { EXOTEL_ANSWER_WITHIN_MS } from '../answer-deadline.js';
import { TextDeliveriesService } from '../../texts/text-deliveries.service.js';
import { TextForwardingService } from '../../texts/text-forwarding.service.js';
import type { ExotelQuery } from '../exotel-query.js';
import { ExotelConfig } from '../exotel-config.js';
import { ExotelCallbackAccess } from '../exotel-callback-access.js';
import { parseDelivery, parseText, smsSidOf } from './exotel-text.js';

/**
 * Exotel's callbacks about texts: the SMS applet's GET, after a HEAD that must have the same headers and does nothing,
 * or the newer portal's POST. The answer would be sent back to the sender, so it is empty. After a failure it is 503,
 * and the newer portal sends the text again.
 */
@ApiExcludeController()
@OpenToProviders()
@Controller('hooks/exotel/:secret')
export class ExotelTextsController {
  constructor(
    private readonly config: ExotelConfig,
    private readonly access: ExotelCallbackAccess,
    private readonly forwarding: TextForwardingService,
    private readonly deliveries: TextDeliveriesService,
    private readonly outages: DatabaseOutages,
    private readonly logger: PinoLogger,
  ) {
    logger.setContext(ExotelTextsController.name);
  }

  @Head('sms')
  @Header('content-type', 'text/plain')
  headOfSms(): string {
    return ''; // like GET, so that both have a length
  }

  @Get('sms')
  @Header('content-type', 'text/plain')
  async smsByQuery(@Query() query: ExotelQuery, @Res({ passthrough: true }) reply: FastifyReply): Promise<string> {
    return this.take(query, reply);
  }

  @Post('sms')
  @HttpCode(200)
  @Header('content-type', 'text/plain')
  async smsByForm(
    @Body() form: ExotelQuery | undefined,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<string> {
    return this.take(form ?? {}, reply);
  }

  /** `of` is our parameter, the id of the incoming text; `SmsSid` is the id of the forwarded one. */
  @Post('sms-status')
  @HttpCode(200)
  async smsStatus(@Query() query: ExotelQuery, @Body() form: ExotelQuery | undefined): Promise<void> {
    const messageId = smsSidOf(query, 'of');
    const report = parseDelivery(form ?? {});
    if (messageId === null) return this.access.refuse('message-id');
    if (report === null) return;
    await withDeadline(EXOTEL_ANSWER_WITHIN_MS, this.deliveries.report('exotel', messageId, report), tookTooLong);
  }

  private async take(fields: ExotelQuery, reply: FastifyReply): Promise<string> {
    const text = parseText(fields, this.config.country);
    if (text === null) {
      this.access.refuse('message-id');
      return '';
    }
    const messageId = text.providerMessageId;
    const passingOn = this.forwarding.passOn(text).then(
      () => true,
      (err: unknown) => {
        this.outages.failed(this.logger, { err, messageId }, 'text not decided');
        return false;
      },
    );
    if (!(await withDeadline(EXOTEL_ANSWER_WITHIN_MS, passingOn, () => false))) void reply.status(503);
    return '';
  }
}
