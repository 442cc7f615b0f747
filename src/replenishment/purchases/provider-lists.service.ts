import { setTimeout as sleep } from 'node:timers/promises';

import { Injectable } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import type { DataSource } from 'typeorm';

import { addSeconds, Clock } from '../../platform/clock/clock.js';
import type { ProviderAccount } from './provider-account.js';
import { withAdvisoryLock, TaskInProgress } from '../../platform/database/advisory-lock.js';
import { keepList, listSince, type ProviderList } from './provider-lists.queries.js';

/** A list is read again when it is older. Rounds come every 60 s: each of them finds it older, whatever the delay. */
const READ_EVERY_SECONDS = 50;
/** Purchases whose end is unknown need a later list, but not one for every round that orders announce. */
const READ_FOR_PURCHASES_EVERY_SECONDS = 10;
const LOOK_AGAIN_MS = 200;

/** Reads the list of what an account owns, once for all pools and processes. */
@Injectable()
export class ProviderLists {
  constructor(
    @InjectDataSource() private readonly dataSource: DataSource,
    private readonly clock: Clock,
  ) {}

  /** Reads the list. @throws ProviderUnavailable, ProviderRefused */
  async read({ name, provider }: ProviderAccount): Promise<ProviderList> {
    const list = { readAt: this.clock.now(), numbers: await provider.list() };
    await keepList(this.dataSource.manager, name, list);
    return list;
  }

  /**
   * The last list, read again only if it is older than 50 s, or if a purchase was made after it whose end is unknown.
   * While another process reads it, this waits for the result.
   *
   * @param orderedAt when the latest purchase of unknown end was made; null = there is none
   * @throws ProviderUnavailable, ProviderRefused
   */
  async latest(shop: ProviderAccount, orderedAt: Date | null): Promise<ProviderList> {
    const now = this.clock.now();
    const dueSince = addSeconds(now, -READ_EVERY_SECONDS);
    const after = orderedAt && new Date(orderedAt.getTime() + 1);
    const since =
      after === null ? dueSince : latestOf(dueSince, after, addSeconds(now, -READ_FOR_PURCHASES_EVERY_SECONDS));
    for (;;) {
      const known = await listSince(this.dataSource.manager, shop.name, since);
      if (known !== null) return known;
      try {
        return await withAdvisoryLock(this.dataSource, `list of ${shop.name}`, async () => {
          const readMeanwhile = await listSince(this.dataSource.manager, shop.name, since);
          return readMeanwhile ?? (await this.read(shop));
        });
      } catch (failure) {
        if (!(failure instanceof TaskInProgress)) throw failure;
        await sleep(LOOK_AGAIN_MS);
      }
    }
  }
}

function latestOf(...dates: readonly Date[]): Date {
  return new Date(Math.max(...dates.map((date) => date.getTime())));
}
