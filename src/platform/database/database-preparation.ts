/** The work that the database needs before it can be used, in a process that started while it did not answer. */
export class DatabasePreparation {
  private work: (() => Promise<void>) | null = null;
  private working: Promise<void> | null = null;
  private isDone = false;
  private tell!: () => void;
  /** Resolves when the work is done. */
  readonly done = new Promise<void>((resolve) => {
    this.tell = resolve;
  });

  prepareWith(work: () => Promise<void>): void {
    this.work = work;
  }

  /**
   * Takes the result of a look at the database, and begins the work if it answers.
   *
   * @param answer what is wrong; null = it answers
   * @returns the same; what is missing, if it answers but cannot be used yet
   */
  look(answer: string | null): string | null {
    if (this.isDone) return answer;
    if (answer === null) this.begin();
    else this.working = null; // it may never end
    return answer ?? 'not migrated yet';
  }

  private begin(): void {
    if (this.working !== null || this.work === null) return;
    const working = this.work().then(
      () => {
        this.isDone = true;
        this.tell();
      },
      () => {
        if (this.working === working) this.working = null;
      },
    );
    this.working = working;
  }
}
