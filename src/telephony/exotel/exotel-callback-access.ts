import { BlockList, isIP } from 'node:net';

import { Injectable, NotFoundException, type OnModuleInit } from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { PinoLogger } from 'nestjs-pino';

import type { Principal } from '../../platform/http/authentication/principal.js';
import { OPEN_TO_PROVIDERS } from '../../platform/http/authentication/route-access.js';
import { closeIfMuchIsLeft } from '../../platform/http/server/front-door.js';
import { LogThrottle } from '../../platform/observability/log-throttle.js';
import { Metrics } from '../../platform/observability/metrics.js';
import { callTrace } from '../providers/call-trace.js';
import { ExotelConfig } from './exotel-config.js';
import { callSidOf, type ExotelQuery } from './exotel-query.js';
import { ExotelSecrets } from './exotel-secrets.js';

const DOOR = '/hooks/exotel/:secret';
const EXOTEL: Principal = { kind: 'provider', name: 'exotel' };
const NOT_A_CALLBACK = [DOOR, `${DOOR}/*`];

/**
 * Access to Exotel's callbacks: requires the secret and, if networks are set, a sender in one of them. Checked before
 * the body is read. Others get the answer of an unknown path.
 */
@Injectable()
export class ExotelCallbackAccess implements OnModuleInit {
  private readonly networks: BlockList | null;
  private readonly lines = new LogThrottle();

  constructor(
    private readonly adapterHost: HttpAdapterHost,
    config: ExotelConfig,
    private readonly secrets: ExotelSecrets,
    private readonly metrics: Metrics,
    private readonly logger: PinoLogger,
  ) {
    const { allowedCidrs } = config.callbacks;
    this.networks = allowedCidrs.length > 0 ? blockListOf(allowedCidrs) : null;
    logger.setContext(ExotelCallbackAccess.name);
  }

  onModuleInit(): void {
    const server = this.adapterHost.httpAdapter.getInstance<FastifyInstance>();
    server.addHook('onRequest', (request, reply, done) => {
      const url = request.routeOptions.url ?? '';
      if (!url.startsWith(DOOR)) return done();
      if (this.opensTo(request as ExotelRequest, url)) {
        request.principal = EXOTEL;
        const callSid = callSidOf(request.query as ExotelQuery);
        if (callSid !== null) request.sharedTrace = callTrace('exotel', callSid);
        return done();
      }
      closeIfMuchIsLeft(request, reply);
      done(new NotFoundException());
    });
    // The secret is right but the path is wrong: a flow has a wrong URL.
    for (const url of NOT_A_CALLBACK) server.all(url, { config: OPEN_TO_PROVIDERS }, () => undefined);
  }

  /**
   * Counts and logs an authenticated request that cannot be used.
   *
   * @param callId of the call or text, if the request contains one
   */
  refuse(why: 'path' | 'network' | 'call-id' | 'message-id', more: object = {}): void {
    this.metrics.callbacksRefused.inc({ provider: 'exotel', why });
    const times = this.lines.occurrences(why);
    if (times !== null) this.logger.warn({ provider: 'exotel', why, times, ...more }, 'callback not understood');
  }

  private opensTo({ params, ip, method }: ExotelRequest, url: string): boolean {
    if (!this.secrets.include(params.secret)) {
      this.metrics.callbacksRefused.inc({ provider: 'exotel', why: 'secret' });
      return false;
    }
    // The address as our own trusted proxies report it, never as the sender claims.
    if (this.networks !== null && !this.networks.check(ip, familyOf(ip))) {
      this.refuse('network', { address: ip });
      return false;
    }
    if (!NOT_A_CALLBACK.includes(url)) return true;
    this.refuse('path', { method });
    return false;
  }
}

type ExotelRequest = FastifyRequest<{ Params: { secret: string } }>;

function blockListOf(networks: readonly string[]): BlockList {
  const list = new BlockList();
  for (const network of networks) {
    const [address = '', prefix] = network.split('/');
    if (prefix === undefined) list.addAddress(address, familyOf(address));
    else list.addSubnet(address, Number(prefix), familyOf(address));
  }
  return list;
}

function familyOf(address: string): 'ipv4' | 'ipv6' {
  return isIP(address) === 6 ? 'ipv6' : 'ipv4';
}
