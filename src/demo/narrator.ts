import { isDeepStrictEqual } from 'node:util';
import { setTimeout as sleep } from 'node:timers/promises';

/** The result differs from the story. */
export class Unexpected extends Error {}

const LABEL_COLUMN = 24;
const WIDEST_LINE = 110;
/** After this time, a running step is reported. */
const PATIENCE_MS = 2_000;
const LOOK_EVERY_MS = 100;

const terminal = process.stdout.isTTY;
const bold = (text: string) => (terminal && !process.env['NO_COLOR'] ? `\x1b[1m${text}\x1b[22m` : text);

/** Prints the story, and stops it if a result differs. */
export class Narrator {
  private chapter = 0;

  title(text: string): void {
    this.line(bold(text));
  }

  /** The next event. */
  happens(text: string): void {
    this.chapter += 1;
    this.line(`\n${bold(`${String(this.chapter).padStart(2)}  ${text}`)}`);
  }

  tells(label: string, what: string): void {
    this.line(`    ${label.padEnd(LABEL_COLUMN)}${what}`);
  }

  /** A person's sentence, which may continue on further lines. */
  quotes(label: string, sentence: string): void {
    const lines = [''];
    for (const word of sentence.split(' ')) {
      const longer = `${lines.at(-1)} ${word}`.trimStart();
      if (4 + LABEL_COLUMN + longer.length <= WIDEST_LINE) lines[lines.length - 1] = longer;
      else lines.push(word);
    }
    for (const [at, line] of lines.entries()) this.tells(at === 0 ? label : '', line);
  }

  line(text: string): void {
    process.stdout.write(`${text}\n`);
  }

  table(columns: readonly string[], rows: readonly (readonly string[])[]): void {
    const widths = columns.map((column, at) => Math.max(column.length, ...rows.map((row) => row[at]!.length)));
    const show = (row: readonly string[]) =>
      row
        .map((cell, at) => cell.padEnd(widths[at]!))
        .join('  ')
        .trimEnd();
    for (const row of [columns, widths.map((width) => '─'.repeat(width)), ...rows]) this.line(`    ${show(row)}`);
  }

  /** @throws Unexpected unless both values are equal */
  expect(what: string, came: unknown, expected: unknown): void {
    if (isDeepStrictEqual(came, expected)) return;
    throw new Unexpected(`${what}\n    expected  ${shown(expected)}\n    came      ${shown(came)}`);
  }

  /** Waits for a step, and reports if it takes long. */
  async during<T>(label: string, going: Promise<T>): Promise<T> {
    const since = performance.now();
    const timer = setInterval(() => this.goesOn(label, since), terminal ? 500 : PATIENCE_MS);
    try {
      return await going;
    } finally {
      clearInterval(timer);
      if (terminal) process.stdout.write('\r\x1b[K');
    }
  }

  /** Repeats `look` until it finds something. @throws Unexpected after `seconds` without a result */
  async until<T>(label: string, seconds: number, look: () => Promise<T | null>): Promise<T> {
    const giveUpAt = performance.now() + seconds * 1000;
    const looking = async () => {
      for (; performance.now() < giveUpAt; await sleep(LOOK_EVERY_MS)) {
        const found = await look();
        if (found !== null) return found;
      }
      throw new Unexpected(`${label}\n    expected  within ${seconds} s\n    came      nothing`);
    };
    return this.during(label, looking());
  }

  private goesOn(label: string, since: number): void {
    const passed = performance.now() - since;
    if (passed < PATIENCE_MS - 100) return;
    const text = `    ${`${label} …`.padEnd(LABEL_COLUMN)}${Math.round(passed / 1000)} s`;
    process.stdout.write(terminal ? `\r\x1b[K${text}` : `${text}\n`);
  }
}

function shown(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}
