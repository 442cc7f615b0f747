import { Injectable, type CanActivate, type ExecutionContext } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';

import { DatabaseCheck } from '../../platform/database/database-check.js';
import { maySeePool } from '../../platform/http/authentication/principal.js';
import type { Problem } from '../../platform/http/problem.js';
import { DatabaseUnavailable } from '../../platform/http/request.problems.js';
import { RefusalAudit } from '../../platform/http/server/refusal-audit.js';
import { VirtualNumbersService } from '../../virtual-numbers/numbers/virtual-numbers.service.js';
import { PoolsService } from '../../virtual-numbers/pools/pools.service.js';
import { NumberNotFound, PoolNotFound } from '../../virtual-numbers/pools/virtual-numbers.problems.js';
import { OrderViewsService } from '../views/order-views.service.js';
import { OrderNotFound } from '../order/orders.problems.js';

interface Parameters {
  readonly reference?: string;
  readonly name?: string;
  readonly number?: string;
}

/**
 * Hides other pools from a key that is limited to some: a request whose path names an order, a pool or a number of
 * another pool is answered as if there were none. `AccessGuard` has refused requests that concern all pools.
 */
@Injectable()
export class PoolGuard implements CanActivate {
  constructor(
    private readonly orders: OrderViewsService,
    private readonly numbers: VirtualNumbersService,
    private readonly pools: PoolsService,
    private readonly refusals: RefusalAudit,
    private readonly check: DatabaseCheck,
  ) {}

  /** @throws OrderNotFound, PoolNotFound, NumberNotFound; DatabaseUnavailable at once, as for other keys */
  async canActivate(context: ExecutionContext): Promise<boolean> {
    const request = context.switchToHttp().getRequest<FastifyRequest>();
    const { principal } = request;
    if (principal?.kind !== 'key' || principal.pools === null) return true;
    if (!this.check.passed) throw new DatabaseUnavailable();
    const { reference, name, number } = request.params as Parameters;
    const hide = (pool: string, as: new () => Problem) => {
      if (maySeePool(principal, pool)) return;
      this.refusals.record(request);
      throw new as();
    };
    if (reference !== undefined)
      hide(await this.nameOf((await this.orders.byReference(reference)).poolId), OrderNotFound);
    if (name !== undefined) hide(name, PoolNotFound);
    if (number !== undefined) hide(await this.nameOf((await this.numbers.byNumber(number)).poolId), NumberNotFound);
    return true;
  }

  private async nameOf(poolId: string): Promise<string> {
    return (await this.pools.byId(poolId)).name;
  }
}
