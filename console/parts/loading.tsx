import { Loader } from '@mantine/core';

import { text } from '../strings';

/** Only while a request is under way, each of which ends: `api/client.ts` gives up after a while. */
export function Loading() {
  return (
    <p className="loading" role="status">
      <Loader size="sm" aria-hidden />
      {text.loading}
    </p>
  );
}
