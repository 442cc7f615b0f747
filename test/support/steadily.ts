/** A process that had no processor for a while catches up, but not with everything at once. */
const MOST_AT_ONCE = 10;
const LOOKS_EVERY_MS = 10;

/** Does something so many times a second, whether or not the earlier times are over, and keeps what came of each. */
export class Steadily<Result> {
  readonly done: Result[] = [];
  private readonly pending = new Set<Promise<void>>();
  private readonly timer: NodeJS.Timeout;

  /** @param work must not reject */
  constructor(
    perSecond: number,
    private readonly work: () => Promise<Result>,
  ) {
    let last = performance.now();
    let due = 0;
    this.timer = setInterval(() => {
      const now = performance.now();
      due = Math.min(due + ((now - last) * perSecond) / 1_000, MOST_AT_ONCE);
      last = now;
      for (; due >= 1; due -= 1) this.begin();
    }, LOOKS_EVERY_MS);
  }

  /** Begins no more, and waits for what has begun. */
  async stop(): Promise<void> {
    clearInterval(this.timer);
    await Promise.all(this.pending);
  }

  private begin(): void {
    const working: Promise<void> = this.work()
      .then((result) => void this.done.push(result))
      .finally(() => this.pending.delete(working));
    this.pending.add(working);
  }
}
