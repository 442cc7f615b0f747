import { Injectable } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import { In, type DataSource, type EntityManager } from 'typeorm';

import { transactionOfRequest } from '../../platform/http/idempotency/keyed-request.js';
import { UnusableNumber, type Country, type E164 } from '../../phone-number/e164.js';
import { parseOwnNumber } from '../../phone-number/own-number.js';
import { AuditService } from '../../platform/audit/audit.service.js';
import type { Principal } from '../../platform/http/authentication/principal.js';
import { leaving } from './number-release.queries.js';
import type { CsvRow } from './numbers-csv.js';
import { PoolLowQueue } from '../pools/pool-low.queue.js';
import type { Pool } from '../pools/pool.entity.js';
import type { ProviderName } from '../provider-name.js';
import { PoolsService } from '../pools/pools.service.js';
import { ProviderAccounts } from '../pools/provider-accounts.js';
import { VirtualNumber } from '../pools/virtual-number.entity.js';
import { UnusableVirtualNumbers } from '../pools/virtual-numbers.problems.js';
import { VirtualNumbersService, type RentedNumber } from './virtual-numbers.service.js';

export interface NumberToImport {
  readonly number: string;
  readonly providerId?: string;
  /** Default: the pool's provider. */
  readonly provider?: string;
}

export const IMPORT_RESULTS = ['imported', 'already-there', 'refused'] as const;
export type ImportResult = (typeof IMPORT_RESULTS)[number];

/** The result of one row. */
export interface ImportedRow {
  readonly line: number;
  readonly result: ImportResult;
  /** Null if the row was refused: the number may not be ours. */
  readonly number: E164 | null;
  /** Why the row was refused, in words; null if it was not. */
  readonly reason: string | null;
}

interface Usable extends RentedNumber {
  readonly provider: ProviderName;
}

/** Rolls back the transaction of a dry run. */
class OnlyTried extends Error {
  constructor(readonly rows: ImportedRow[]) {
    super('a dry run of an import');
  }
}

const LONGEST_PROVIDER_ID = 64;
/** Continues a sentence that begins with the number's place. */
const SOMEBODYS = "is a participant's own phone: give a number that you rent";

/**
 * Imports numbers into a pool. The operator vouches that they are ours and that their flow or webhook points to us, so
 * they are available at once.
 */
@Injectable()
export class NumberImportService {
  constructor(
    @InjectDataSource() private readonly dataSource: DataSource,
    private readonly pools: PoolsService,
    private readonly numbers: VirtualNumbersService,
    private readonly poolLow: PoolLowQueue,
    private readonly accounts: ProviderAccounts,
    private readonly audit: AuditService,
  ) {}

  /**
   * Imports all of the numbers, or none. Numbers that exist stay unchanged; retired ones come back.
   *
   * @throws InvalidRequest if one of them names no provider; PoolNotFound; UnusableVirtualNumbers if one of them cannot
   *   belong to the pool
   */
  async import(poolName: string, numbers: readonly NumberToImport[], by: Principal): Promise<VirtualNumber[]> {
    numbers.forEach(({ provider }, at) => {
      if (provider !== undefined) this.accounts.mustExist(provider, `numbers.${at}.provider`);
    });
    const pool = await this.pools.byName(poolName);
    const judged = numbers.map((one) => judge(pool, one));
    const errors = judged.flatMap((one, at) => (typeof one === 'string' ? [`numbers[${at}] ${one}`] : []));
    if (errors.length > 0) throw new UnusableVirtualNumbers(errors);
    const usable = judged as Usable[];
    const imported = await transactionOfRequest(this.dataSource, async (tx) => {
      await this.record(tx, by, pool, await this.add(pool, usable, tx));
      const rows = await tx.find(VirtualNumber, {
        where: { number: In(usable.map(({ number }) => number)) },
        order: { number: 'ASC' },
      });
      const known = new Set(rows.map(({ number }) => number));
      const peoples = usable.flatMap(({ number }, at) => (known.has(number) ? [] : [`numbers[${at}] ${SOMEBODYS}`]));
      if (peoples.length > 0) throw new UnusableVirtualNumbers(peoples);
      return rows;
    });
    await this.poolLow.announce(pool.id);
    return imported;
  }

  /**
   * Imports each row on its own. To repeat the same file changes nothing.
   *
   * @param options.isDryRun the result is that of an import, and nothing is stored
   * @returns the result of each row, in the order of the file
   * @throws PoolNotFound
   */
  async importRows(
    poolName: string,
    rows: readonly CsvRow[],
    by: Principal,
    { isDryRun = false } = {},
  ): Promise<ImportedRow[]> {
    const pool = await this.pools.byName(poolName);
    const judged = rows.map(({ line, cells }) => ({ line, one: judgeRow(pool, cells) }));
    const usable = judged.flatMap(({ one }) => (typeof one === 'string' ? [] : [one]));
    const work = async (tx: EntityManager) => {
      const added = new Set(await this.add(pool, usable, tx));
      await this.record(tx, by, pool, [...added]);
      const others = usable.map(({ number }) => number).filter((number) => !added.has(number));
      return report(judged, added, await this.whyNotAdded(tx, pool, others));
    };
    if (isDryRun) return this.tryOut(work);
    const reported = await transactionOfRequest(this.dataSource, work);
    if (reported.some(({ result }) => result === 'imported')) await this.poolLow.announce(pool.id);
    return reported;
  }

  /** Does the work in a transaction that is rolled back. @returns what the work would report */
  private async tryOut(work: (tx: EntityManager) => Promise<ImportedRow[]>): Promise<ImportedRow[]> {
    try {
      return await this.dataSource.transaction(async (tx) => {
        throw new OnlyTried(await work(tx));
      });
    } catch (failure) {
      if (failure instanceof OnlyTried) return failure.rows;
      throw failure;
    }
  }

  /** An import may have thousands of numbers, so their count is recorded. The numbers say when they came. */
  private async record(tx: EntityManager, by: Principal, pool: Pool, added: readonly E164[]): Promise<void> {
    await this.audit.recordIn(tx, by, {
      what: 'numbers.import',
      about: pool.name,
      details: { after: { numbers: added.length } },
    });
  }

  /** @returns the numbers that are new or no longer retired */
  private async add(pool: Pool, usable: readonly Usable[], tx: EntityManager): Promise<E164[]> {
    // Sorted, so that two imports of the same numbers cannot deadlock.
    const once = new Map(usable.toSorted((a, b) => (a.number < b.number ? -1 : 1)).map((one) => [one.number, one]));
    const added: E164[] = [];
    for (const provider of [...new Set(usable.map((one) => one.provider))].toSorted()) {
      const its = [...once.values()].filter((one) => one.provider === provider);
      added.push(...(await this.numbers.add(pool, provider, its, 'available', tx)));
    }
    return added;
  }

  private async whyNotAdded(tx: EntityManager, pool: Pool, numbers: readonly E164[]): Promise<Map<E164, WhyNot>> {
    const [rows, names] = [await tx.findBy(VirtualNumber, { number: In([...numbers]) }), await this.pools.names(tx)];
    const goingBack = await leaving(tx, numbers);
    return new Map(
      rows.map(({ number, poolId }): [E164, WhyNot] => {
        if (goingBack.has(number))
          return [
            number,
            { result: 'refused', reason: 'The number is being given back to its provider. Try again in a minute.' },
          ];
        const elsewhere = poolId === pool.id ? null : `The number is in pool ${names.get(poolId)!}.`;
        return [number, { result: 'already-there', reason: elsewhere }];
      }),
    );
  }
}

type WhyNot = Pick<ImportedRow, 'result' | 'reason'>;

/** The result of each row. @param added in the transaction that imports them */
function report(
  judged: readonly { readonly line: number; readonly one: Usable | string }[],
  added: ReadonlySet<E164>,
  whyNot: ReadonlyMap<E164, WhyNot>,
): ImportedRow[] {
  const unreported = new Set(added);
  return judged.map(({ line, one }) => {
    if (typeof one === 'string') return { line, result: 'refused', number: null, reason: `The row ${one}.` };
    const { number } = one;
    if (unreported.delete(number)) return { line, result: 'imported', number, reason: null };
    const why = whyNot.get(number);
    if (why) return { line, number, ...why };
    if (added.has(number))
      return { line, number, result: 'already-there', reason: 'An earlier row has the same number.' };
    return { line, number: null, result: 'refused', reason: `The row has a number that ${SOMEBODYS}.` };
  });
}

/** @returns why the number cannot belong to the pool, as the rest of a sentence */
function judge(pool: Pool, { number, providerId, provider = pool.provider }: NumberToImport): Usable | string {
  let e164: E164;
  try {
    e164 = parseOwnNumber(number, pool.country as Country);
  } catch (failure) {
    if (failure instanceof UnusableNumber) return failure.why;
    throw failure;
  }
  const its = [pool.provider, pool.alternativeProvider].find((one) => one === provider);
  if (!its) return `belongs to a provider that the pool does not use: its provider is ${pool.provider}${also(pool)}`;
  return { number: e164, providerId: providerId ?? e164, provider: its };
}

function judgeRow(pool: Pool, cells: CsvRow['cells']): Usable | string {
  if (cells === null) return 'has a different number of cells than the first line has names';
  const { number, providerId, provider } = cells;
  if (number === undefined) return 'has no number';
  if (providerId !== undefined && (providerId.length > LONGEST_PROVIDER_ID || providerId.includes('\0')))
    return `has a providerId that is too long: at most ${LONGEST_PROVIDER_ID} characters`;
  const judged = judge(pool, { number, providerId, provider: provider?.toLowerCase() });
  return typeof judged === 'string' ? `has a number that ${judged}` : judged;
}

function also({ alternativeProvider }: Pool): string {
  return alternativeProvider === null ? '' : `, and its alternative provider is ${alternativeProvider}`;
}
