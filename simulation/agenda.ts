/** What happens at which step; only every so manieth is taken, and what falls between two happens at the later one. */
export class Agenda<Event> {
  private readonly steps: (Event[] | undefined)[] = [];

  constructor(private readonly every: number) {}

  add(step: number, event: Event): void {
    (this.steps[Math.ceil(step / this.every) * this.every] ??= []).push(event);
  }

  /** What happens at a step; nobody asks for it again. */
  take(step: number): Event[] {
    const events = this.steps[step] ?? [];
    this.steps[step] = undefined;
    return events;
  }

  /** No later step than this has anything. */
  get lastStep(): number {
    return this.steps.length - 1;
  }
}
