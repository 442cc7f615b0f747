const EVERY_MS = 10_000;

/**
 * Shows how far a long run is. On a terminal it is one line that is rewritten. Elsewhere, as in a log, it is a line every
 * ten seconds, also while a step hangs.
 */
export class ProgressLine {
  private readonly timer: NodeJS.Timeout | null;

  constructor(
    private readonly out: Pick<NodeJS.WriteStream, 'isTTY' | 'write'>,
    private readonly text: () => string,
  ) {
    this.timer = out.isTTY ? null : setInterval(() => out.write(`${text()}\n`), EVERY_MS).unref();
  }

  /** Rewrites the line on a terminal. */
  changed(): void {
    if (this.timer === null) this.out.write(`\r\x1b[K${this.text()}`);
  }

  /** Removes the line from the terminal, and writes no more. */
  clear(): void {
    if (this.timer === null) this.out.write('\r\x1b[K');
    else clearInterval(this.timer);
  }
}
