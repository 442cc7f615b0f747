import { setTimeout as sleep } from 'node:timers/promises';

import { Injectable } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import type { DataSource } from 'typeorm';

import { addSeconds, Clock } from '../../platform/clock/clock.js';
import type { ProviderAccount } from './provider-account.js';
import { withAdvisoryLock, TaskInProgress } from '../../platform/database/advisory-lock.js';
import { keepList, listSince, type ProviderList } from './provider-lists.queries.js';

/** A list older than this is read again. Less than the 60 s between rounds, so that each round reads a new one. */
const READ_EVERY_SECONDS = 50;
/** Purchases of unknown end need a newer list, but not a new one for each round that orders start. */
const READ_FOR_PURCHASES_EVERY_SECONDS = 10;
const LOOK_AGAIN_MS = 200;

/** Reads the list of an account's numbers once for all pools and processes. */
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
   * The last list. It is read again only if it is older than 50 s, or older than a purchase of unknown end. If another
   * process is reading it, this waits for the result.
   *
   * @param orderedAt time of the latest purchase of unknown end; null = there is none
   * @throws ProviderUnavailable, ProviderRefused
   */
  async latest(account: ProviderAccount, orderedAt: Date | null): Promise<ProviderList> {
    const now = this.clock.now();
    const dueSince = addSeconds(now, -READ_EVERY_SECONDS);
    const after = orderedAt && new Date(orderedAt.getTime() + 1);
    const since =
      after === null ? dueSince : latestOf(dueSince, after, addSeconds(now, -READ_FOR_PURCHASES_EVERY_SECONDS));
    for (;;) {
      const known = await listSince(this.dataSource.manager, account.name, since);
      if (known !== null) return known;
      try {
        return await withAdvisoryLock(this.dataSource, `list of ${account.name}`, async () => {
          const readMeanwhile = await listSince(this.dataSource.manager, account.name, since);
          return readMeanwhile ?? (await this.read(account));
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
