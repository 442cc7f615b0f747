import { Controller, Get, Head, Header, HttpCode, Param, Query, UseGuards } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';

import { NeedsNoKey } from '../../platform/http/api-key.guard.js';
import { CallRoutingService } from '../call-routing.service.js';
import { InteractionsService } from '../interactions.service.js';
import { DEFAULT_LANGUAGE } from './greetings.js';
import { callSidOf, parseEnd, type ExotelQuery } from './exotel-call.js';
import { ExotelConfig } from './exotel-config.js';
import { ExotelSecretGuard } from './exotel-secret.guard.js';
import { refusalCase, refusalSaying } from './refusal-words.js';

const EXITS = ['answered', 'no-answer', 'not-dialled'] as const;

/**
 * What Exotel's applets ask, by GET, within a call (docs/architecture.md tells one call from end to end); the GET of
 * Connect is in connect-route.ts. An answer to HEAD has the headers of the GET and does nothing.
 */
@ApiExcludeController()
@NeedsNoKey()
@UseGuards(ExotelSecretGuard)
@Controller('hooks/exotel/:secret')
export class ExotelWebhooksController {
  constructor(
    private readonly routing: CallRoutingService,
    private readonly interactions: InteractionsService,
    private readonly config: ExotelConfig,
  ) {}

  // Before the GET, which else would answer HEAD too: these two have effects.
  @Head('connect')
  @Header('cache-control', 'no-store')
  @Header('content-type', 'application/json')
  headOfConnect(): void {}

  @Head('passthru/:exit')
  headOfPassthru(): void {}

  /** Passthru applets behind Connect's exits: how the call ended. */
  @Get('passthru/:exit')
  @HttpCode(200)
  async passthru(@Param('exit') exit: string, @Query() query: ExotelQuery): Promise<void> {
    const known = EXITS.find((candidate) => candidate === exit);
    const callSid = callSidOf(query);
    if (known === undefined || callSid === null) return;
    await this.interactions.report('exotel', callSid, parseEnd(query, known));
  }

  /** Switch Case applet behind a refusal: which branch of the flow to take. */
  @Get('reason')
  @Header('content-type', 'text/plain')
  async reason(@Query() query: ExotelQuery): Promise<string> {
    return JSON.stringify({ select: refusalCase(await this.reasonOf(query)) });
  }

  /** Greeting applet: what the caller hears. Exotel compares the headers of HEAD and GET, so both are made the same way. */
  @Get('greeting')
  @Header('content-type', 'text/plain')
  async greeting(@Query() query: ExotelQuery): Promise<string> {
    return this.config.greetings.say(refusalSaying(await this.reasonOf(query)), DEFAULT_LANGUAGE);
  }

  private async reasonOf(query: ExotelQuery): Promise<string | null> {
    const callSid = callSidOf(query);
    return callSid === null ? null : this.routing.reasonOf('exotel', callSid);
  }
}
