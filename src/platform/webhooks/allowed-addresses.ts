import { lookup as resolve, type LookupAddress } from 'node:dns';
import { promises as dns } from 'node:dns';
import { isIP, type LookupFunction } from 'node:net';

import ipaddr from 'ipaddr.js';

/** The host is, or resolves only to, addresses that requests must not be sent to. */
export class AddressNotAllowed extends Error {
  override readonly name = 'AddressNotAllowed';
  constructor() {
    super('the address is not public');
  }
}

type Network = ReturnType<typeof ipaddr.parseCIDR>;

/**
 * The addresses to which a client's URL may lead: public ones, and the networks of the settings. Anything else could be a
 * service of our own network that nobody outside may use: private and loopback addresses, link-local ones (the metadata
 * of clouds), those of carriers (CGNAT), and IPv6 addresses that stand for IPv4 ones.
 */
export class AllowedAddresses {
  private readonly networks: readonly Network[];

  /** @param networks addresses and networks that are allowed although they are not public */
  constructor(networks: readonly string[]) {
    this.networks = networks.map((network) =>
      ipaddr.parseCIDR(network.includes('/') ? network : `${network}/${isIP(network) === 4 ? 32 : 128}`),
    );
  }

  includes(address: string): boolean {
    if (!ipaddr.isValid(address)) return false;
    const plain = ipaddr.process(address); // ::ffff:10.0.0.1 is 10.0.0.1
    if (plain.range() === 'unicast' && isGlobal(plain)) return true;
    return this.networks.some((network) => network[0].kind() === plain.kind() && plain.match(network));
  }

  /**
   * Checks a host before its use: an address, or a name as it resolves now.
   *
   * @throws AddressNotAllowed. Not for a name that does not resolve: perhaps it does later
   */
  async check(hostname: string): Promise<void> {
    const host = withoutBrackets(hostname);
    const addresses = isIP(host) ? [{ address: host }] : await dns.lookup(host, { all: true }).catch(() => null);
    if (addresses?.every(({ address }) => !this.includes(address))) throw new AddressNotAllowed();
  }

  /** @throws AddressNotAllowed for an address; Node connects to it without asking `lookup` */
  checkLiteral(hostname: string): void {
    const host = withoutBrackets(hostname);
    if (isIP(host) && !this.includes(host)) throw new AddressNotAllowed();
  }

  /**
   * For a request's option `lookup`: resolves a name once, and lets Node connect to its allowed addresses only. A name
   * that resolves differently a moment later leads nowhere else.
   */
  readonly lookup: LookupFunction = (hostname, options, answer) => {
    resolve(hostname, { ...options, all: true }, (failure, found) => {
      if (failure) return answer(failure, []);
      const allowed = found.filter(({ address }) => this.includes(address));
      const [first] = allowed as [LookupAddress?];
      if (!first) return answer(new AddressNotAllowed(), []);
      if (options.all) answer(null, allowed);
      else answer(null, first.address, first.family);
    });
  };
}

const GLOBAL_UNICAST = ipaddr.parseCIDR('2000::/3');

/** Of IPv6, only this network is given to anybody. Others may stand for an IPv4 address, as in ::127.0.0.1. */
function isGlobal(address: Network[0]): boolean {
  return address.kind() === 'ipv4' || address.match(GLOBAL_UNICAST);
}

/** A URL writes an IPv6 address in brackets. */
function withoutBrackets(hostname: string): string {
  return hostname.replace(/^\[(.*)\]$/, '$1');
}
