import { Injectable, NotFoundException, type OnModuleInit } from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';
import type { FastifyInstance } from 'fastify';

import { CallRoutingService } from '../call-routing.service.js';
import { connectReply, REFUSED, type ConnectReply } from './connect-reply.js';
import { parseConnect, type ExotelQuery } from './exotel-call.js';
import { ExotelConfig } from './exotel-config.js';
import { ExotelSecrets } from './exotel-secrets.js';

interface ConnectRequest {
  Params: { secret: string };
  Querystring: ExotelQuery;
}

/**
 * Connect applet, primary and fallback URL: whom to ring. Somebody waits for it in silence, so it is a route of Fastify's
 * own: by way of a controller with guards and pipes a call takes a fifth more of the process's time (docs/bench.md).
 */
@Injectable()
export class ExotelConnectRoute implements OnModuleInit {
  constructor(
    private readonly adapterHost: HttpAdapterHost,
    private readonly config: ExotelConfig,
    private readonly secrets: ExotelSecrets,
    private readonly routing: CallRoutingService,
  ) {}

  onModuleInit(): void {
    const server = this.adapterHost.httpAdapter.getInstance<FastifyInstance>();
    // HEAD is the controller's: it must do nothing.
    server.get<ConnectRequest>('/hooks/exotel/:secret/connect', { exposeHeadRoute: false }, async (request, reply) => {
      if (!this.secrets.include(request.params.secret)) throw new NotFoundException();
      void reply.header('cache-control', 'no-store').header('content-type', 'application/json');
      return JSON.stringify(await this.connect(request.query));
    });
  }

  private async connect(query: ExotelQuery): Promise<ConnectReply> {
    const call = parseConnect(query, 'connect', this.config.country);
    return call === null ? REFUSED : connectReply(await this.routing.route(call));
  }
}
