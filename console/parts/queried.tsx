import type { UseQueryResult } from '@tanstack/react-query';
import { useState, type ReactNode } from 'react';

import { isPassing } from '../api/client';
import { text } from '../strings';
import { Loading } from './loading';
import { Problem } from './problem';

interface Props<Data> {
  readonly query: UseQueryResult<Data>;
  readonly words?: Readonly<Record<string, string>>;
  readonly children: (data: Data) => ReactNode;
}

/** Why a query failed; null once it succeeds. While it is repeated, it has failed still. */
export function useFailure({ data, error }: Pick<UseQueryResult, 'data' | 'error'>): Error | null {
  const [last, setLast] = useState<Error | null>(null);
  if (error !== null && error !== last) setLast(error);
  if (error === null && data !== undefined && last !== null) setLast(null);
  return error ?? (data === undefined ? last : null);
}

/** The result of a query; what is known already stays visible when it cannot be read again. */
export function Queried<Data>({ query, words, children }: Props<Data>) {
  const { data, refetch } = query;
  const failure = useFailure(query);
  const problem = failure !== null && (
    <Problem
      title={text.problems.notRead}
      failure={failure}
      words={words}
      retry={() => void refetch()}
      isRepeated={isPassing(failure)}
    />
  );
  if (data === undefined) return problem || <Loading />;
  return (
    <>
      {problem}
      {children(data)}
    </>
  );
}
