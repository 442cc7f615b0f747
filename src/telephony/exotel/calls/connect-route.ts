import { Injectable, type OnModuleInit } from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';
import type { FastifyInstance } from 'fastify';
import { PinoLogger } from 'nestjs-pino';

import { Clock } from '../../../platform/clock/clock.js';
import { OPEN_TO_PROVIDERS } from '../../../platform/http/authentication/route-access.js';
import { DatabaseOutages } from '../../../platform/database/database-outages.js';
import { Metrics } from '../../../platform/observability/metrics.js';
import { CallDirectory } from '../../../virtual-numbers/assignments/call-directory.js';
import type { InboundCall } from '../../calls/inbound-call.js';
import { CallRoutingService } from '../../calls/call-routing.service.js';
import { ExotelCallMisses } from './call-misses.js';
import { connectReply, REFUSED, type ConnectReply } from './connect-reply.js';
import type { ExotelQuery } from '../exotel-query.js';
import { CONNECT_STEPS, parseConnect, type ConnectStep } from './exotel-call.js';
import { ExotelConfig } from '../exotel-config.js';
import { whyImplausible } from './plausibility.js';

interface ConnectRequest {
  Params: { secret: string };
  Querystring: ExotelQuery;
}

/**
 * Connect applets, primary and fallback URL: which phone to ring. The caller hears silence meanwhile, so this is a
 * Fastify route: through a Nest controller with guards and pipes, a call takes a fifth more processor time
 * (docs/bench.md).
 */
@Injectable()
export class ExotelConnectRoute implements OnModuleInit {
  constructor(
    private readonly adapterHost: HttpAdapterHost,
    private readonly config: ExotelConfig,
    private readonly misses: ExotelCallMisses,
    private readonly routing: CallRoutingService,
    private readonly directory: CallDirectory,
    private readonly clock: Clock,
    private readonly metrics: Metrics,
    private readonly outages: DatabaseOutages,
    private readonly logger: PinoLogger,
  ) {
    logger.setContext(ExotelConnectRoute.name);
  }

  onModuleInit(): void {
    const server = this.adapterHost.httpAdapter.getInstance<FastifyInstance>();
    for (const step of CONNECT_STEPS) {
      const url = `/hooks/exotel/:secret/${step}`;
      // The controller handles HEAD, which must do nothing.
      server.get<ConnectRequest>(url, { exposeHeadRoute: false, config: OPEN_TO_PROVIDERS }, async (request, reply) => {
        void reply.header('cache-control', 'no-store').header('content-type', 'application/json');
        return JSON.stringify(await this.answer(request.query, step));
      });
    }
  }

  /** Never rejects, because the flow needs a reply that it understands after any failure. */
  private async answer(query: ExotelQuery, step: ConnectStep): Promise<ConnectReply> {
    try {
      return await this.connect(query, step);
    } catch (err) {
      this.outages.failed(this.logger, { err }, 'connect request not understood');
      return REFUSED;
    }
  }

  private async connect(query: ExotelQuery, step: ConnectStep): Promise<ConnectReply> {
    const call = parseConnect(query, step, this.config.country);
    if (call === null) return this.refuse('call-id', null);
    const why = whyImplausible(query, this.config.callbacks, this.clock.now());
    if (why !== null) return this.refuse(why, call.providerCallId);
    if (call.dialled.length > 1) void this.noteIfBothAreOurs(call);
    return connectReply(await this.routing.route(call, this.misses), this.config.callbacks.callerIdForm);
  }

  private refuse(why: string, callId: string | null): ConnectReply {
    this.metrics.callbacksRefused.inc({ provider: 'exotel', why });
    this.logger.warn({ provider: 'exotel', callId, why }, 'callback refused unheard');
    return REFUSED;
  }

  /** `To` decides. `CallTo` with another number of ours has never been seen, so report it if it happens. */
  private async noteIfBothAreOurs({ dialled, providerCallId }: InboundCall): Promise<void> {
    try {
      for (const number of dialled) if (!(await this.directory.describeUnjoined(number, null)).numberIsOurs) return;
      this.metrics.callbacksNamingTwoNumbers.inc({ provider: 'exotel' });
      this.logger.warn({ provider: 'exotel', callId: providerCallId }, 'call to two numbers of ours');
    } catch (err) {
      this.logger.warn({ err, callId: providerCallId }, 'dialled numbers not compared');
    }
  }
}
