import { Alert, Button } from '@mantine/core';

import { ApiFailure } from '../api/client';
import { text } from '../strings';

type Words = Readonly<Record<string, string>>;

/** What went wrong, and what to do, in words. @param words by slug of the problem, instead of the API's own words */
export function messageOf(failure: unknown, words: Words = {}): string {
  if (!(failure instanceof ApiFailure)) return text.problems.unexpected;
  const own = words[failure.slug] ?? (text.problems as Words)[failure.slug];
  return own ?? (failure.message === '' ? text.problems.unexpected : asSentence(failure.message));
}

/**
 * What is wrong with a field of a form, to be shown there; null if the failure is about something else.
 *
 * @param field as the API names it
 */
export function mistakeIn(failure: unknown, field: string, words: Words = {}): string | null {
  if (!(failure instanceof ApiFailure) || !failure.fields.some((one) => isWithin(field, one))) return null;
  const own = words[failure.slug] ?? (text.problems as Words)[failure.slug];
  return own ?? asSentence(withoutName(failure.message));
}

/** Whether a path, as in `quietHours.from` and `links[0]`, leads to a field or into it. */
const isWithin = (field: string, path: string): boolean => path.split(/[.[]/)[0] === field;

/** The API begins a mistake with the name of the field, which the form has in its own words. */
const withoutName = (message: string): string => message.replace(/^[\w.[\]]+ (?=(must|is|has|belongs|needs)\b)/, '');

function asSentence(message: string): string {
  const sentence = message.charAt(0).toUpperCase() + message.slice(1);
  return /[.!?]$/.test(sentence) ? sentence : `${sentence}.`;
}

interface Props {
  readonly failure: unknown;
  readonly title?: string;
  readonly words?: Words;
  readonly retry?: () => void;
  /** Whether it is tried again without a click, too. */
  readonly isRepeated?: boolean;
}

/** A failure, where its result would be. */
export function Problem({ failure, title = text.problems.title, words, retry, isRepeated = false }: Props) {
  return (
    <Alert color="red" role="alert" title={title}>
      <p className="message">
        {messageOf(failure, words)}
        {isRepeated && ` ${text.repeated}`}
      </p>
      {retry && (
        <Button variant="default" size="xs" onClick={retry}>
          {text.retry}
        </Button>
      )}
    </Alert>
  );
}
