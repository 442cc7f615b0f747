/** The result of one check, in words for the operator. */
export interface Finding {
  /** `look` = it works, but the operator should look at it. */
  readonly verdict: 'ok' | 'look' | 'wrong';
  readonly about: string;
  readonly says: string;
}

export const ok = (about: string, says: string): Finding => ({ verdict: 'ok', about, says });
export const look = (about: string, says: string): Finding => ({ verdict: 'look', about, says });
export const wrong = (about: string, says: string): Finding => ({ verdict: 'wrong', about, says });

const MARK: Readonly<Record<Finding['verdict'], string>> = { ok: '✓', look: '!', wrong: '✗' };

/** One line for each finding, in columns, and a summary. */
export function asTable(findings: readonly Finding[]): string {
  const width = Math.max(...findings.map(({ about }) => about.length));
  const lines = findings.map(({ verdict, about, says }) => `${MARK[verdict]}  ${about.padEnd(width)}  ${says}`);
  const amiss = findings.filter(({ verdict }) => verdict === 'wrong').length;
  const sum = amiss === 0 ? 'Nothing is wrong.' : amiss === 1 ? 'One thing is wrong.' : `${amiss} things are wrong.`;
  return `${lines.join('\n')}\n\n${sum}\n`;
}
