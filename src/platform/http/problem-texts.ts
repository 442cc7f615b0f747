import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** What docs/problems.md says of a problem. */
export interface ProblemText {
  readonly slug: string;
  /** Several if the problem has several. */
  readonly status: string;
  readonly when: string;
  readonly whatToDo: string;
}

const ROW = /^\| `([a-z-]+)` \| ([\d, ]+) \| (.+?) \| (.+?) \|$/gm;

/** The table of docs/problems.md, which the build copies beside the compiled code, by slug. */
export const PROBLEM_TEXTS: ReadonlyMap<string, ProblemText> = readTexts(
  readFileSync(join(import.meta.dirname, '../../../docs/problems.md'), 'utf8'),
);

function readTexts(page: string): Map<string, ProblemText> {
  const rows = [...page.matchAll(ROW)].map(([, slug, status, when, whatToDo]): [string, ProblemText] => [
    slug!,
    { slug: slug!, status: status!, when: asText(when!), whatToDo: asText(whatToDo!) },
  ]);
  return new Map(rows);
}

/** Markdown without links: `[operate.md](operate.md#recordings)` is the page `docs/operate.md#recordings`. */
function asText(markdown: string): string {
  return markdown.replace(/\[[^\]]+\]\(([^)]+)\)/g, 'docs/$1');
}
