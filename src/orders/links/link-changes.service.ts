import { Injectable } from '@nestjs/common';

import { Clock } from '../../platform/clock/clock.js';
import { closeAssignments, releaseNumbers } from '../../virtual-numbers/assignments/assignment-end.queries.js';
import { blocksOnLink } from '../../virtual-numbers/assignments/participant-assignments.queries.js';
import { setOnlyFrom } from '../../virtual-numbers/assignments/assignments.queries.js';
import { isSameLink, type Link } from '../../virtual-numbers/link.js';
import { MOST_PARTICIPANTS, unknownRoles, withLink, withoutLink } from '../order/order-links.js';
import { PoolsService } from '../../virtual-numbers/pools/pools.service.js';
import { OrderLocks } from '../order/order-locks.service.js';
import { LinkNotFound, UnusableParticipants } from '../order/orders.problems.js';
import { setBlocks, setLinks } from '../order/orders.queries.js';
import { LinkNumbersService } from './link-numbers.service.js';

/** Opens and closes links of orders. */
@Injectable()
export class LinkChangesService {
  constructor(
    private readonly clock: Clock,
    private readonly locks: OrderLocks,
    private readonly pools: PoolsService,
    private readonly numbers: LinkNumbersService,
  ) {}

  /**
   * Links two participants of an order, who get a number each. A link that is open already changes its direction only.
   * A role may also be one that links of the order or its pool name: the link gets its numbers when they join.
   *
   * @throws OrderNotFound, OrderClosed, NumbersBusy; UnusableParticipants if a role is unknown
   */
  async open(reference: string, link: Link): Promise<void> {
    await this.numbers.change(async (tx, isDry) => {
      const open = await this.locks.lockOpen(tx, { reference });
      const { order } = open;
      const links = await this.numbers.linksOf(tx, open);
      const expects = order.assignNumbers === 'when-one-known';
      const poolLinks = await this.pools.linksOf(tx, order.poolId);
      const named = [...links, ...poolLinks].flatMap(({ roles }) => roles);
      const unknown = link.roles.filter((role) => !open.participant(role) && !named.includes(role));
      if (unknown.length > (expects ? 1 : 0)) {
        throw new UnusableParticipants('between', `names ${unknownRoles(unknown, 'the order or its pool')}`);
      }
      const known = links.find((one) => isSameLink(one, link));
      if (known?.onlyFrom === link.onlyFrom) return null;
      const linked = withLink(links, link);
      const roles = new Set([...linked.flatMap((one) => one.roles), ...open.participants.map(({ role }) => role)]);
      if (roles.size > MOST_PARTICIPANTS) {
        throw new UnusableParticipants('between', `is one role too many: an order has at most ${MOST_PARTICIPANTS}`);
      }
      order.links = linked;
      await setLinks(tx, order.id, order.links);
      if (known) await setOnlyFrom(tx, order.id, link);
      const { roles: between, onlyFrom } = link;
      const about = { roles: between, onlyFrom, ...(known && { onlyFromBefore: known.onlyFrom }) };
      await this.numbers.settle(tx, open, { event: 'order.link-opened', about, isDry });
      return order.poolId;
    });
  }

  /**
   * Closes the link between two roles of an order. Its assignments go into quarantine. A block on it stays: it applies
   * again when the link is opened again between the same people. Without any link the order is as
   * it was when it was placed: it stays open, and nobody can be reached.
   *
   * @throws OrderNotFound, OrderClosed, LinkNotFound, NumbersBusy
   */
  async close(reference: string, roles: Link['roles']): Promise<void> {
    await this.numbers.change(async (tx, isDry) => {
      const open = await this.locks.lockOpen(tx, { reference });
      const { order } = open;
      const links = await this.numbers.linksOf(tx, open);
      if (!links.some((link) => isSameLink(link, { roles }))) throw new LinkNotFound(reference, ...roles);
      const blocks = await blocksOnLink(tx, order.id, roles);
      if (blocks.length > 0) await setBlocks(tx, order.id, (order.blocks = [...order.blocks, ...blocks]));
      const now = this.clock.now();
      await closeAssignments(tx, [order.id], order.connectingUntil(now), { link: roles }, {});
      await releaseNumbers(tx, [order.id], now, { link: roles });
      order.links = withoutLink(links, roles);
      await setLinks(tx, order.id, order.links);
      await this.numbers.settle(tx, open, { event: 'order.link-closed', about: { roles }, isDry });
      return order.poolId;
    });
  }
}
