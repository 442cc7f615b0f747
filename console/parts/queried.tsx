import type { UseQueryResult } from '@tanstack/react-query';
import type { ReactNode } from 'react';

import { Loading } from './loading';
import { Problem } from './problem';

interface Props<Data> {
  readonly query: UseQueryResult<Data>;
  readonly words?: Readonly<Record<string, string>>;
  readonly children: (data: Data) => ReactNode;
}

/** The result of a query; what is known already stays visible when it cannot be read again. */
export function Queried<Data>({ query, words, children }: Props<Data>) {
  const { data, error, refetch } = query;
  const problem = error !== null && <Problem failure={error} words={words} retry={() => void refetch()} />;
  if (data === undefined) return problem || <Loading />;
  return (
    <>
      {problem}
      {children(data)}
    </>
  );
}
