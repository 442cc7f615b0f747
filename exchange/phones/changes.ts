/** Counts changes, and lets readers wait for the next one. */
export class Changes {
  private count = 0;
  private isClosed = false;
  private readonly waiting = new Set<() => void>();

  get version(): number {
    return this.count;
  }

  tell(): void {
    this.count += 1;
    this.release();
  }

  /** Resolves at once if the version is another one; otherwise with the next change, or after `ms` without one. */
  async since(version: number | null, ms: number): Promise<void> {
    if (version !== this.count || this.isClosed) return;
    await new Promise<void>((resolve) => {
      const done = () => {
        clearTimeout(timer);
        this.waiting.delete(done);
        resolve();
      };
      const timer = setTimeout(done, ms);
      this.waiting.add(done);
    });
  }

  /** From now on nobody waits. */
  close(): void {
    this.isClosed = true;
    this.release();
  }

  private release(): void {
    for (const done of [...this.waiting]) done();
  }
}
