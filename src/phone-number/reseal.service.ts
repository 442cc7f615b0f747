import { Injectable } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import { PinoLogger } from 'nestjs-pino';
import type { DataSource } from 'typeorm';

import { Metrics } from '../platform/observability/metrics.js';
import { BOUND, PhoneVault } from './phone-vault.js';
import { SEALED_COLUMNS, type SealedColumn } from './sealed-columns.js';

export interface Resealed {
  readonly resealed: number;
  /** Values that do not open, because their key is missing or they were changed. They stay unchanged. */
  readonly unreadable: number;
  /** Values of earlier versions that remain. */
  readonly left: number;
}

type Row = Readonly<Record<string, string>>;

const VALUES_A_BATCH = 200;
/** A run stops after this many batches of a column; the next run continues. */
const BATCHES_A_RUN = 25;

/**
 * Reseals values of earlier versions together with their place. Uses small transactions that skip locked rows, so any
 * number of processes may run it at once and nobody waits long.
 */
@Injectable()
export class ResealService {
  /** Where the next run continues in each column. Values that do not open therefore do not block those after them. */
  private readonly reached = new Map<SealedColumn, readonly unknown[]>();

  constructor(
    @InjectDataSource() private readonly dataSource: DataSource,
    private readonly vault: PhoneVault,
    private readonly metrics: Metrics,
    private readonly logger: PinoLogger,
  ) {
    logger.setContext(ResealService.name);
  }

  /** Reseals up to 5,000 values of each column. */
  async reseal(): Promise<Resealed> {
    let [resealed, unreadable, left] = [0, 0, 0];
    for (const column of SEALED_COLUMNS) {
      for (let batches = 0; batches < BATCHES_A_RUN; batches += 1) {
        const batch = await this.resealBatch(column);
        resealed += batch.resealed;
        unreadable += batch.unreadable;
        if (batch.isLast) break;
      }
      const { table, column: name } = column;
      const [{ values }] = (await this.dataSource.query(
        `SELECT count(*)::integer AS values FROM ${table} AS known WHERE ${isOld(name)}`,
      )) as [{ values: number }];
      this.metrics.valuesToReseal.set({ column: `${table}.${name}` }, values);
      left += values;
    }
    return { resealed, unreadable, left };
  }

  private async resealBatch(column: SealedColumn): Promise<{ resealed: number; unreadable: number; isLast: boolean }> {
    const { table, column: name, key, also = [], place } = column;
    const columns = Object.keys(key);
    return this.dataSource.transaction(async (tx) => {
      const after = this.reached.get(column);
      const places = Object.values(key).map((type, at) => `$${at + 1}::${type}`);
      const rows = (await tx.query(
        `SELECT ${[...columns, ...also, name].map((one) => `known.${one}`).join(', ')} FROM ${table} AS known
         WHERE ${isOld(name)} ${after ? `AND (${columns.join(', ')}) > (${places.join(', ')})` : ''}
         ORDER BY ${columns.join(', ')} LIMIT ${VALUES_A_BATCH} FOR NO KEY UPDATE SKIP LOCKED`,
        [...(after ?? [])],
      )) as Record<string, unknown>[];
      const opened = rows.flatMap((row) => {
        const sealed = this.sealAnew(column, row[name] as Buffer, place(row as Row));
        return sealed === null ? [] : [{ key: columns.map((one) => row[one]), sealed }];
      });
      if (opened.length > 0) {
        const values = [
          ...columns.map((_, at) => opened.map((one) => one.key[at])),
          opened.map(({ sealed }) => sealed),
        ];
        const types = [...Object.values(key), 'bytea'].map((type, at) => `$${at + 1}::${type}[]`);
        await tx.query(
          `UPDATE ${table} AS known SET ${name} = fresh.sealed
           FROM unnest(${types.join(', ')}) AS fresh (${columns.join(', ')}, sealed)
           WHERE ${columns.map((one) => `known.${one} = fresh.${one}`).join(' AND ')}`,
          values,
        );
      }
      const isLast = rows.length < VALUES_A_BATCH;
      if (isLast) this.reached.delete(column);
      else
        this.reached.set(
          column,
          columns.map((one) => rows.at(-1)![one]),
        );
      return { resealed: opened.length, unreadable: rows.length - opened.length, isLast };
    });
  }

  private sealAnew(column: SealedColumn, sealed: Buffer, place: ReturnType<SealedColumn['place']>): Buffer | null {
    try {
      return this.vault.sealText(this.vault.openText(sealed, place), place);
    } catch (err) {
      this.logger.warn({ err, table: column.table, column: column.column }, 'old value not opened');
      return null;
    }
  }
}

/** The same words as in the partial indexes of the migration, so that PostgreSQL uses them. */
function isOld(column: string): string {
  return `substring(${column} FROM 1 FOR ${BOUND.length}) <> '\\x${BOUND.toString('hex')}'::bytea`;
}
