import { Alert, Button } from '@mantine/core';

import { ApiFailure } from '../api/client';
import { text } from '../strings';

/** What went wrong, and what to do, in words. @param words by slug of the problem, instead of the API's own words */
export function messageOf(failure: unknown, words: Readonly<Record<string, string>> = {}): string {
  if (!(failure instanceof ApiFailure)) return text.problems.unexpected;
  const own = words[failure.slug] ?? (text.problems as Readonly<Record<string, string>>)[failure.slug];
  return own ?? (failure.message === '' ? text.problems.unexpected : failure.message);
}

interface Props {
  readonly failure: unknown;
  readonly words?: Readonly<Record<string, string>>;
  readonly retry?: () => void;
  /** Whether it is tried again without a click, too. */
  readonly isRepeated?: boolean;
}

/** A failure, where its result would be. */
export function Problem({ failure, words, retry, isRepeated = false }: Props) {
  return (
    <Alert color="red" role="alert" title={text.problems.title}>
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
