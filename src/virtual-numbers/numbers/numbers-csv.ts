import { CsvError } from 'csv-parse';
import { parse } from 'csv-parse/sync';

import { UnreadableCsv } from '../pools/virtual-numbers.problems.js';

/** The columns of a file: `number`, and any of the others, in any order. */
export const COLUMNS = ['number', 'providerId', 'provider'] as const;
export type Column = (typeof COLUMNS)[number];

export interface CsvRow {
  /** The line in the file; the first line is 1. */
  readonly line: number;
  /** The cells that are filled in; null if the row has more or fewer cells than the header. */
  readonly cells: Partial<Record<Column, string>> | null;
}

export const MOST_ROWS = 5_000;
const LONGEST_ROW_BYTES = 4_096;

/**
 * Reads a CSV file (RFC 4180, in UTF-8 with or without a byte order mark) whose first line names the columns. Skips
 * empty rows.
 *
 * @throws UnreadableCsv, which quotes nothing of the file, because it may be the wrong one
 */
export function readNumbersCsv(file: unknown): CsvRow[] {
  if (!Buffer.isBuffer(file)) throw new UnreadableCsv('Send the file as it is, with "Content-Type: text/csv"');
  const [header, ...rows] = records(decode(file));
  const columns = readHeader(header?.record ?? []);
  if (rows.length === 0) throw new UnreadableCsv('No row follows the names of the columns');
  if (rows.length > MOST_ROWS) throw new UnreadableCsv(`The file has more than ${MOST_ROWS} rows; send several files`);
  return rows.map(({ record, info: { lines: line } }) => {
    if (record.length !== columns.length) return { line, cells: null };
    const filled = columns.map((column, at) => [column, record[at]!] as const).filter(([, cell]) => cell !== '');
    return { line, cells: Object.fromEntries(filled) };
  });
}

interface CsvRecord {
  readonly record: readonly string[];
  readonly info: { readonly lines: number };
}

function records(text: string): CsvRecord[] {
  try {
    return parse(text, {
      info: true,
      trim: true,
      relax_column_count: true,
      skip_empty_lines: true,
      skip_records_with_empty_values: true,
      max_record_size: LONGEST_ROW_BYTES,
      to: MOST_ROWS + 2, // the header, and one too many
    }) as unknown as CsvRecord[];
  } catch (failure) {
    if (!(failure instanceof CsvError)) throw failure;
    const what = failure.code === 'CSV_MAX_RECORD_SIZE' ? 'is too long' : 'has a quotation mark out of place';
    throw new UnreadableCsv(`Line ${String(failure['lines'])} ${what}`);
  }
}

function decode(file: Buffer): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(file); // which removes the byte order mark
  } catch {
    throw new UnreadableCsv('The file is not UTF-8; in a spreadsheet, save it as "CSV UTF-8"');
  }
}

function readHeader(cells: readonly string[]): Column[] {
  if (cells.length === 0) throw new UnreadableCsv('The file is empty');
  if (cells.length === 1 && /[;\t]/.test(cells[0]!))
    throw new UnreadableCsv('The columns are separated by semicolons or tabs; use commas');
  const columns = cells.map((cell, at) => {
    const column = COLUMNS.find((known) => known.toLowerCase() === cell.toLowerCase());
    if (column === undefined)
      throw new UnreadableCsv(
        `The first line must name the columns, and the name of column ${at + 1} is none of ${COLUMNS.join(', ')}`,
      );
    return column;
  });
  if (new Set(columns).size < columns.length) throw new UnreadableCsv('The first line names a column twice');
  if (!columns.includes('number')) throw new UnreadableCsv('The first line names no column "number"');
  return columns;
}
