/** Does something so many times a second, whether or not the earlier times are over, and keeps what came of each. */
export class Steadily<Result> {
  readonly done: Result[] = [];
  private readonly pending = new Set<Promise<void>>();
  private readonly timer: NodeJS.Timeout;

  /** @param work must not reject */
  constructor(perSecond: number, work: () => Promise<Result>) {
    this.timer = setInterval(() => {
      const working: Promise<void> = work()
        .then((result) => void this.done.push(result))
        .finally(() => this.pending.delete(working));
      this.pending.add(working);
    }, 1_000 / perSecond);
  }

  /** Begins no more, and waits for what has begun. */
  async stop(): Promise<void> {
    clearInterval(this.timer);
    await Promise.all(this.pending);
  }
}
