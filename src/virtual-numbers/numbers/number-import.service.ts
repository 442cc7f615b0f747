import { Injectable } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import { In, type DataSource, type EntityManager } from 'typeorm';

import { UnusableNumber, type Country, type E164 } from '../../phone-number/e164.js';
import { parseOwnNumber } from '../../phone-number/own-number.js';
import { leaving } from './number-release.queries.js';
import type { CsvRow } from './numbers-csv.js';
import { PoolLowQueue } from '../pools/pool-low.queue.js';
import type { Pool } from '../pools/pool.entity.js';
import { PROVIDERS, type ProviderName } from '../provider-name.js';
import { PoolsService } from '../pools/pools.service.js';
import { VirtualNumber } from '../pools/virtual-number.entity.js';
import { UnusableVirtualNumbers } from '../pools/virtual-numbers.problems.js';
import { VirtualNumbersService, type RentedNumber } from './virtual-numbers.service.js';

export interface NumberToImport {
  readonly number: string;
  readonly providerId?: string;
  /** The pool's own, where nothing is said. */
  readonly provider?: string;
}

export const IMPORT_RESULTS = ['imported', 'already-there', 'refused'] as const;
export type ImportResult = (typeof IMPORT_RESULTS)[number];

/** What became of one row. */
export interface ImportedRow {
  readonly line: number;
  readonly result: ImportResult;
  /** Null where it was refused: then it is perhaps no number of ours at all. */
  readonly number: E164 | null;
  /** In words. */
  readonly reason: string | null;
}

interface Usable extends RentedNumber {
  readonly provider: ProviderName;
}

const LONGEST_PROVIDER_ID = 64;
/** What follows on "it". */
const SOMEBODYS = "is a participant's own phone: give a number that you rent";

/** Puts numbers into a pool on an operator's word: they are ours, and their flow or webhook asks us. They are available at once. */
@Injectable()
export class NumberImportService {
  constructor(
    @InjectDataSource() private readonly dataSource: DataSource,
    private readonly pools: PoolsService,
    private readonly numbers: VirtualNumbersService,
    private readonly poolLow: PoolLowQueue,
  ) {}

  /**
   * All of them, or none. A number that is there already stays as it is; a retired one comes back.
   *
   * @throws PoolNotFound; UnusableVirtualNumbers when one cannot be the pool's.
   */
  async import(poolName: string, numbers: readonly NumberToImport[]): Promise<VirtualNumber[]> {
    const pool = await this.pools.byName(poolName);
    const judged = numbers.map((one) => judge(pool, one));
    const errors = judged.flatMap((one, at) => (typeof one === 'string' ? [`numbers[${at}] ${one}`] : []));
    if (errors.length > 0) throw new UnusableVirtualNumbers(errors);
    const usable = judged as Usable[];
    const imported = await this.dataSource.transaction(async (tx) => {
      await this.add(pool, usable, tx);
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
   * Each row for itself: what can be is imported, whatever stands in the others. The same file again changes nothing.
   *
   * @returns what became of each, in the order of the file
   * @throws PoolNotFound
   */
  async importRows(poolName: string, rows: readonly CsvRow[]): Promise<ImportedRow[]> {
    const pool = await this.pools.byName(poolName);
    const judged = rows.map(({ line, cells }) => ({ line, one: judgeRow(pool, cells) }));
    const usable = judged.flatMap(({ one }) => (typeof one === 'string' ? [] : [one]));
    const added = new Set(await this.dataSource.transaction((tx) => this.add(pool, usable, tx)));
    const imported = new Set(added);
    if (added.size > 0) await this.poolLow.announce(pool.id);
    const whyNot = await this.whyNotAdded(
      pool,
      usable.map(({ number }) => number).filter((number) => !added.has(number)),
    );
    return judged.map(({ line, one }) => {
      if (typeof one === 'string') return { line, result: 'refused', number: null, reason: `The row ${one}.` };
      const { number } = one;
      if (added.delete(number)) return { line, result: 'imported', number, reason: null };
      const why = whyNot.get(number);
      if (why) return { line, number, ...why };
      if (imported.has(number)) return { line, number, result: 'already-there', reason: 'A row before has it too.' };
      return { line, number: null, result: 'refused', reason: `The row has a number that ${SOMEBODYS}.` };
    });
  }

  /** @returns those that are new, or retired no more */
  private async add(pool: Pool, usable: readonly Usable[], tx: EntityManager): Promise<E164[]> {
    // In one order, so that two imports of the same numbers never wait for each other in a circle.
    const once = new Map(usable.toSorted((a, b) => (a.number < b.number ? -1 : 1)).map((one) => [one.number, one]));
    const added: E164[] = [];
    for (const provider of PROVIDERS) {
      const its = [...once.values()].filter((one) => one.provider === provider);
      added.push(...(await this.numbers.add(pool, provider, its, 'available', tx)));
    }
    return added;
  }

  private async whyNotAdded(
    pool: Pool,
    numbers: readonly E164[],
  ): Promise<Map<E164, Pick<ImportedRow, 'result' | 'reason'>>> {
    const tx = this.dataSource.manager;
    const [rows, names] = [await tx.findBy(VirtualNumber, { number: In([...numbers]) }), await this.pools.names()];
    const goingBack = await leaving(tx, numbers);
    return new Map(
      rows.map(({ number, poolId }): [E164, Pick<ImportedRow, 'result' | 'reason'>] => {
        if (goingBack.has(number))
          return [
            number,
            { result: 'refused', reason: 'It is being given back to its provider: try again in a minute.' },
          ];
        const elsewhere = poolId === pool.id ? null : `It is in pool ${names.get(poolId)!}.`;
        return [number, { result: 'already-there', reason: elsewhere }];
      }),
    );
  }
}

/** @returns why it cannot be a number of the pool: what follows on "it" */
function judge(pool: Pool, { number, providerId, provider = pool.provider }: NumberToImport): Usable | string {
  let e164: E164;
  try {
    e164 = parseOwnNumber(number, pool.country as Country);
  } catch (failure) {
    if (failure instanceof UnusableNumber) return failure.why;
    throw failure;
  }
  const its = [pool.provider, pool.alternativeProvider].find((one) => one === provider);
  if (!its) return `is of a provider that the pool does not have: its provider is ${pool.provider}${also(pool)}`;
  return { number: e164, providerId: providerId ?? e164, provider: its };
}

function judgeRow(pool: Pool, cells: CsvRow['cells']): Usable | string {
  if (cells === null) return 'has more or fewer cells than the first line has names';
  const { number, providerId, provider } = cells;
  if (number === undefined) return 'has no number';
  if (providerId !== undefined && (providerId.length > LONGEST_PROVIDER_ID || providerId.includes('\0')))
    return `has a providerId that is no provider's: the longest have ${LONGEST_PROVIDER_ID} characters`;
  const judged = judge(pool, { number, providerId, provider: provider?.toLowerCase() });
  return typeof judged === 'string' ? `has a number that ${judged}` : judged;
}

function also({ alternativeProvider }: Pool): string {
  return alternativeProvider === null ? '' : `, and ${alternativeProvider} beside it`;
}
