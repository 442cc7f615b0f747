import { CsvError } from 'csv-parse';
import { parse } from 'csv-parse/sync';

import { UnreadableCsv } from '../pools/virtual-numbers.problems.js';

/** What each column is about; a file has `number` and any of the others, in whichever order. */
export const COLUMNS = ['number', 'providerId', 'provider'] as const;
export type Column = (typeof COLUMNS)[number];

export interface CsvRow {
  /** Where it stands in the file; its first line is 1. */
  readonly line: number;
  /** Those that are filled in; null when the row has more or fewer cells than the header. */
  readonly cells: Partial<Record<Column, string>> | null;
}

export const MOST_ROWS = 5_000;
const LONGEST_ROW_BYTES = 4_096;

/**
 * Reads a CSV file (RFC 4180, in UTF-8 with or without its mark) whose first line names the columns. Empty rows are passed by.
 *
 * @throws UnreadableCsv, whose words quote nothing of the file: it may be the wrong one
 */
export function readNumbersCsv(file: unknown): CsvRow[] {
  if (!Buffer.isBuffer(file)) throw new UnreadableCsv('Send the file as it is, with "Content-Type: text/csv"');
  const [header, ...rows] = records(decode(file));
  const columns = readHeader(header?.record ?? []);
  if (rows.length === 0) throw new UnreadableCsv('No row follows the names of the columns');
  if (rows.length > MOST_ROWS)
    throw new UnreadableCsv(`There are more than ${MOST_ROWS} rows; send them in several files`);
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
      to: MOST_ROWS + 2, // the header, and one that is too many
    }) as unknown as CsvRecord[];
  } catch (failure) {
    if (!(failure instanceof CsvError)) throw failure;
    const what = failure.code === 'CSV_MAX_RECORD_SIZE' ? 'is too long' : 'has a quotation mark out of place';
    throw new UnreadableCsv(`Line ${String(failure['lines'])} ${what}`);
  }
}

function decode(file: Buffer): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(file); // which takes the mark away
  } catch {
    throw new UnreadableCsv('The file is not in UTF-8; in a spreadsheet, save it as "CSV UTF-8"');
  }
}

function readHeader(cells: readonly string[]): Column[] {
  if (cells.length === 0) throw new UnreadableCsv('The file is empty');
  if (cells.length === 1 && /[;\t]/.test(cells[0]!))
    throw new UnreadableCsv('The columns stand apart by semicolons or tabs; put commas between them');
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
