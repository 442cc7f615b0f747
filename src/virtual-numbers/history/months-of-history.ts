import { monthBound, type Connections } from '../../platform/database/statement.js';

/** An answer from history, and whether months that were left aside have rows that belong to it. */
export interface FromHistory<Answer> {
  readonly answer: Answer;
  readonly isWhole: boolean;
}

/** All months. */
const BEGINNING = '-infinity';
/** No month. */
const END = 'infinity';

/**
 * Knows from which month on history matters at an instant, and lets statements leave aside the months before. It may not
 * know yet what was archived last, so the statement itself looks again, in its own snapshot.
 */
export class MonthsOfHistory {
  private months: readonly { readonly month: Date; readonly coversUntil: Date }[] | null = null;

  constructor(private readonly connections: () => Connections) {}

  /** @param run reads history from a month on, given as a parameter for `monthBound` */
  async read<Answer>(at: Date, run: (from: string) => Promise<FromHistory<Answer>>): Promise<Answer> {
    const { answer, isWhole } = await run(await this.firstMonth(at));
    if (isWhole) return answer;
    this.months = null;
    return (await run(BEGINNING)).answer;
  }

  private async firstMonth(at: Date): Promise<string> {
    this.months ??= await this.load();
    const covering = this.months.filter(({ coversUntil }) => coversUntil > at).map(({ month }) => month.getTime());
    return covering.length === 0 ? END : new Date(Math.min(...covering)).toISOString();
  }

  private async load() {
    const { rows } = await this.connections().query<{ month: Date; coversUntil: Date }>({
      name: 'months-of-history',
      text: `SELECT known.month, known.covers_until AS "coversUntil" FROM assignment_history_months AS known`,
    });
    return rows;
  }
}

/** Whether history from a month on is all that matters at an instant, in SQL. */
export function isWhole(from: string, at: string): string {
  return `NOT EXISTS (SELECT FROM assignment_history_months AS left_aside
                      WHERE left_aside.month < ${monthBound(from)} AND left_aside.covers_until > ${at})`;
}
