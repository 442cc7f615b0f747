import { Injectable } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import type { DataSource } from 'typeorm';

import { OrderSearchService, type FoundPage, type PageAsked } from '../../orders/search/order-search.service.js';
import { parseWithin, type Country, type E164 } from '../../phone-number/e164.js';
import { PhoneVault } from '../../phone-number/phone-vault.js';
import { plainSpelling } from '../../phone-number/plain-spelling.js';
import { AuditService } from '../../platform/audit/audit.service.js';
import { Clock } from '../../platform/clock/clock.js';
import { sharedPool } from '../../platform/database/statement.js';
import { maySeePool, type KeyPrincipal } from '../../platform/http/authentication/principal.js';
import { InvalidRequest } from '../../platform/http/request.problems.js';
import { monthsBack } from '../../platform/retention/months-back.js';
import { VirtualNumbersService } from '../../virtual-numbers/numbers/virtual-numbers.service.js';
import { PoolsService } from '../../virtual-numbers/pools/pools.service.js';
import { movedWithProviderId, withProviderId, type KnownCall } from '../interactions/known-interactions.queries.js';
import { ProviderRegistry } from '../providers/provider-registry.js';
import { SEARCHED_BY, SearchByOne, type SearchedBy } from './search.problems.js';

type Asked = Readonly<Partial<Record<SearchedBy, string>>>;
type Page = Omit<PageAsked, 'pools'>;

export interface Found extends FoundPage {
  /** The calls and texts that were looked for by their id. */
  readonly calls: readonly KnownCall[];
}

const NOTHING: Found = { orders: [], calls: [], nextCursor: null };

/** Finds orders by what a customer can tell: a phone, a reference, a number that was dialled, a call. */
@Injectable()
export class SearchService {
  constructor(
    @InjectDataSource() private readonly dataSource: DataSource,
    private readonly clock: Clock,
    private readonly vault: PhoneVault,
    private readonly orders: OrderSearchService,
    private readonly numbers: VirtualNumbersService,
    private readonly pools: PoolsService,
    private readonly providers: ProviderRegistry,
    private readonly audit: AuditService,
  ) {}

  /**
   * Writes an audit entry before it answers. It has what was looked for only if that was found, because anything may be
   * in the wrong field, also a person's phone. A key that is limited to pools finds only what belongs to them.
   *
   * @throws SearchByOne, InvalidRequest
   */
  async find(by: KeyPrincipal, asked: Asked, page: Page): Promise<Found> {
    const given = SEARCHED_BY.filter((field) => asked[field] !== undefined);
    const [field, another] = given;
    if (field === undefined || another !== undefined) throw new SearchByOne(given);
    const text = asked[field]!;
    switch (field) {
      case 'phone':
        return this.byPhone(by, text, page);
      case 'reference':
        return this.byReference(by, text);
      case 'number':
        return this.byNumber(by, text, page);
      case 'providerCallId':
        return this.byCall(by, text);
    }
  }

  private async byPhone(by: KeyPrincipal, text: string, page: Page): Promise<Found> {
    const phones = await this.read(by, text, 'phone', '+919000000001');
    const phoneKeys = phones.map((phone) => this.vault.keyOf(phone));
    const found = await this.orders.byPhone(phoneKeys, { ...page, pools: by.pools });
    await Promise.all(phoneKeys.map((phoneKey) => this.audit.record(by, { what: 'orders.search', phoneKey })));
    return { ...found, calls: [] };
  }

  private async byReference(by: KeyPrincipal, text: string): Promise<Found> {
    const found = await this.orders.byReference(text, by.pools);
    await this.audit.record(by, { what: 'orders.search', about: found.orders[0]?.view.order.reference });
    return { ...found, calls: [] };
  }

  private async byNumber(by: KeyPrincipal, text: string, page: Page): Promise<Found> {
    const numbers = await this.visibleAmong(by, await this.read(by, text, 'number', '+918047000001'));
    const found = numbers.length === 0 ? NOTHING : await this.orders.byNumbers(numbers, { ...page, pools: by.pools });
    const about = numbers.length === 0 ? [null] : numbers;
    await Promise.all(about.map((number) => this.audit.record(by, { what: 'orders.search', about: number })));
    return { ...found, calls: [] };
  }

  private async byCall(by: KeyPrincipal, id: string): Promise<Found> {
    const found = await this.callsWith(id);
    const calls: KnownCall[] = [];
    const pages: FoundPage[] = [];
    for (const call of found) {
      const page = call.orderId === null ? null : await this.orders.byId(call.orderId, call.overAt, by.pools);
      const isVisible = page ? page.orders.length > 0 : (await this.visible(by, call.virtualNumber)) !== null;
      if (!isVisible && by.pools !== null) continue;
      calls.push(call);
      if (page) pages.push(page);
    }
    await this.audit.record(by, { what: 'orders.search', about: calls[0]?.providerCallId });
    return { orders: pages.flatMap(({ orders }) => orders), calls, nextCursor: null };
  }

  /** Looks into the months only if the call is not live, and no further back than it is. */
  private async callsWith(id: string): Promise<KnownCall[]> {
    const connections = sharedPool(this.dataSource);
    const live = await withProviderId(connections, id, this.providers.names);
    if (live.length > 0) return live;
    for (const months of monthsBack(this.clock.now())) {
      const moved = await movedWithProviderId(connections, id, months);
      if (moved.length > 0) return moved;
    }
    return [];
  }

  /** Those that are ours, and of pools that the key may see. */
  private async visibleAmong(by: KeyPrincipal, numbers: readonly E164[]): Promise<E164[]> {
    const visible: E164[] = [];
    for (const number of numbers) {
      const ours = await this.visible(by, await this.numbers.ours(number));
      if (ours !== null) visible.push(ours);
    }
    return visible;
  }

  /** Null if the number is of a pool that the key may not see. */
  private async visible(by: KeyPrincipal, number: E164 | null): Promise<E164 | null> {
    if (number === null || by.pools === null) return number;
    const { poolId } = await this.numbers.byNumber(number);
    return maySeePool(by, (await this.pools.byId(poolId)).name) ? number : null;
  }

  /**
   * A number in E.164, or as it is dialled within a country of the pools that the key may see: then each number that it
   * may be. An order is placed in one pool, whose country decides; a search may look for several numbers.
   *
   * @throws InvalidRequest
   */
  private async read(by: KeyPrincipal, text: string, field: SearchedBy, example: string): Promise<E164[]> {
    const numbers = parseWithin(plainSpelling(text), await this.countriesSeenBy(by));
    if (numbers.length > 0) return numbers;
    throw new InvalidRequest(
      [`${field} must be in E.164, as in ${example}, or as it is dialled within a country of the pools`],
      field,
    );
  }

  private async countriesSeenBy(by: KeyPrincipal): Promise<Country[]> {
    const seen = (await this.pools.all()).filter(({ name }) => maySeePool(by, name));
    return [...new Set(seen.map(({ country }) => country as Country))];
  }
}
