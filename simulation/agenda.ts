/** What happens at which step. With a stride, what falls between two steps happens at the later one. */
export class Agenda<Event> {
  private readonly steps: (Event[] | undefined)[] = [];

  constructor(private readonly every: number) {}

  add(step: number, event: Event): void {
    (this.steps[Math.ceil(step / this.every) * this.every] ??= []).push(event);
  }

  /** Takes the events of a step. */
  take(step: number): Event[] {
    const events = this.steps[step] ?? [];
    this.steps[step] = undefined;
    return events;
  }

  /** The last step that has events. */
  get lastStep(): number {
    return this.steps.length - 1;
  }
}
