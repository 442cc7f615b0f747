import { BlockList, isIP } from 'node:net';

import { Injectable } from '@nestjs/common';
import { PinoLogger } from 'nestjs-pino';

import { Metrics } from '../../platform/observability/metrics.js';
import { ExotelConfig } from './exotel-config.js';
import { ExotelSecrets } from './exotel-secrets.js';

/** Who may ask at Exotel's callbacks: whoever knows the secret and, where networks are set, comes from one of them. */
@Injectable()
export class ExotelDoor {
  private readonly networks: BlockList | null;

  constructor(
    config: ExotelConfig,
    private readonly secrets: ExotelSecrets,
    private readonly metrics: Metrics,
    private readonly logger: PinoLogger,
  ) {
    const { allowedCidrs } = config.callbacks;
    this.networks = allowedCidrs.length > 0 ? blockListOf(allowedCidrs) : null;
    logger.setContext(ExotelDoor.name);
  }

  /** @param address as our own trusted proxies report it, never as the sender says */
  opensTo(secret: string, address: string): boolean {
    if (!this.secrets.include(secret)) return this.refuse('secret');
    if (this.networks === null || this.networks.check(address, familyOf(address))) return true;
    this.logger.warn({ address }, 'callback from a network that is not allowed');
    return this.refuse('network');
  }

  private refuse(why: string): false {
    this.metrics.callbacksRefused.inc({ provider: 'exotel', why });
    return false;
  }
}

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
