import { Controller, Get, Head, Header, HttpCode, Param, Query } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import { PinoLogger } from 'nestjs-pino';

import { OpenToProviders } from '../../../platform/http/authentication/route-access.js';
import { DatabaseOutages } from '../../../platform/database/database-outages.js';
import { PoolsService } from '../../../virtual-numbers/pools/pools.service.js';
import { CallRoutingService } from '../../calls/call-routing.service.js';
import { PromptDatabase } from '../../decisions/prompt-database.js';
import { withDeadline } from '../../../platform/clock/deadline.js';
import { tookTooLong } from '../../providers/took-too-long.js';
import { EXOTEL_ANSWER_WITHIN_MS } from '../answer-deadline.js';
import type { LastDecision } from '../../decisions/interactions.queries.js';
import { InteractionsService } from '../../interactions/interactions.service.js';
import { DEFAULT_LANGUAGE, Greetings } from '../../greetings/greetings.js';
import { refusalCase, refusalSaying } from '../../greetings/refusal-words.js';
import { callSidOf, type ExotelQuery } from '../exotel-query.js';
import { CONNECT_STEPS, parseEnd } from './exotel-call.js';
import { ExotelCallbackAccess } from '../exotel-callback-access.js';
import { gatherReply } from './gather-reply.js';

const EXITS = ['answered', 'no-answer', 'not-dialled'] as const;

interface LookedUp {
  readonly last: LastDecision | null;
  readonly language: string;
}

/**
 * The GET requests of Exotel's applets during a call (docs/architecture.md describes one call end to end). Connect's
 * are in connect-route.ts. HEAD returns the headers of the GET and does nothing.
 */
@ApiExcludeController()
@OpenToProviders()
@Controller('hooks/exotel/:secret')
export class ExotelCallsController {
  constructor(
    private readonly routing: CallRoutingService,
    private readonly interactions: InteractionsService,
    private readonly pools: PoolsService,
    private readonly database: PromptDatabase,
    private readonly greetings: Greetings,
    private readonly access: ExotelCallbackAccess,
    private readonly outages: DatabaseOutages,
    private readonly logger: PinoLogger,
  ) {
    logger.setContext(ExotelCallsController.name);
  }

  // Declared before the GETs: Fastify would otherwise add HEAD routes to them, and these GETs have effects.
  @Head([...CONNECT_STEPS])
  @Header('cache-control', 'no-store')
  @Header('content-type', 'application/json')
  headOfConnect(): void {}

  @Head('passthru/:exit')
  headOfPassthru(): void {}

  /** Passthru applets after Connect's exits: how the call ended. */
  @Get('passthru/:exit')
  @HttpCode(200)
  async passthru(@Param('exit') exit: string, @Query() query: ExotelQuery): Promise<void> {
    const known = EXITS.find((candidate) => candidate === exit);
    const callSid = callSidOf(query);
    if (known === undefined) return this.access.refuse('path');
    if (callSid === null) return this.access.refuse('call-id');
    const reporting = this.interactions.report('exotel', callSid, parseEnd(query, known));
    await withDeadline(EXOTEL_ANSWER_WITHIN_MS, reporting, tookTooLong);
  }

  /** Passthru applet after a refusal: the branch that the Switch Case after it takes. */
  @Get('reason')
  @Header('content-type', 'text/plain')
  async reason(@Query() query: ExotelQuery): Promise<string> {
    return JSON.stringify({ select: refusalCase((await this.lookUp(query)).last) });
  }

  /** Gather applet: how to ask for the PIN. */
  @Get('gather')
  @Header('cache-control', 'no-store')
  @Header('content-type', 'application/json')
  async gather(@Query() query: ExotelQuery): Promise<string> {
    const { last, language } = await this.lookUp(query);
    return JSON.stringify(gatherReply(this.greetings, language, last));
  }

  /**
   * Greeting applet: what the caller hears. Exotel compares the headers of HEAD and GET, so both are made in the same
   * way.
   */
  @Get('greeting')
  @Header('content-type', 'text/plain')
  async greeting(@Query() query: ExotelQuery): Promise<string> {
    const { last, language } = await this.lookUp(query);
    return this.greetings.say(refusalSaying(last), language);
  }

  /** Never rejects. If the lookup fails or takes too long, the flow continues with the words for an error. */
  private async lookUp(query: ExotelQuery): Promise<LookedUp> {
    const callSid = callSidOf(query);
    if (callSid === null) {
      this.access.refuse('call-id');
      return { last: null, language: DEFAULT_LANGUAGE };
    }
    const nothing: LookedUp = { last: null, language: DEFAULT_LANGUAGE };
    const found = this.find(callSid).catch((err: unknown) => {
      this.outages.failed(this.logger, { err, callId: callSid }, 'reason not looked up');
      return nothing;
    });
    return withDeadline(EXOTEL_ANSWER_WITHIN_MS, found, () => nothing);
  }

  private async find(callSid: string): Promise<LookedUp> {
    const last = await this.routing.lastDecision('exotel', callSid);
    const number = last?.virtualNumber;
    const found = number && (await this.database.ask(async () => ({ language: await this.pools.languageOf(number) })));
    return { last, language: (found && found.language) || DEFAULT_LANGUAGE };
  }
}
