import type { E164 } from '../../src/phone-number/e164.js';

export const ANSWERING_HABITS = ['answer', 'busy', 'no-answer'] as const;
export type AnsweringHabit = (typeof ANSWERING_HABITS)[number];

export const TEXTING_HABITS = ['receives', 'opted-out', 'unreachable'] as const;
export type TextingHabit = (typeof TEXTING_HABITS)[number];

/** The simulated people. By default a person answers calls and receives texts. */
export class People {
  private readonly habits = new Map<E164, AnsweringHabit>();
  private readonly textingHabits = new Map<E164, TextingHabit>();

  tell(number: E164, habit: AnsweringHabit): void {
    if (habit === 'answer') this.habits.delete(number);
    else this.habits.set(number, habit);
  }

  tellTexting(number: E164, habit: TextingHabit): void {
    if (habit === 'receives') this.textingHabits.delete(number);
    else this.textingHabits.set(number, habit);
  }

  whenTexted(number: E164): TextingHabit {
    return this.textingHabits.get(number) ?? 'receives';
  }

  whenRung(number: E164): AnsweringHabit {
    return this.habits.get(number) ?? 'answer';
  }
}
