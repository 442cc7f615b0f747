import type { E164 } from '../phone-number/e164.js';

export const ANSWERING_HABITS = ['answer', 'busy', 'no-answer'] as const;
export type AnsweringHabit = (typeof ANSWERING_HABITS)[number];

/** The pretend people. Everybody answers whom nobody told otherwise. */
export class People {
  private readonly habits = new Map<E164, AnsweringHabit>();

  tell(number: E164, habit: AnsweringHabit): void {
    if (habit === 'answer') this.habits.delete(number);
    else this.habits.set(number, habit);
  }

  whenRung(number: E164): AnsweringHabit {
    return this.habits.get(number) ?? 'answer';
  }
}
