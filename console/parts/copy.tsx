import { Button, CopyButton } from '@mantine/core';

import { text } from '../strings';

/** @param what names the value for screen readers */
export function Copy({ value, what }: { value: string; what: string }) {
  return (
    <CopyButton value={value}>
      {({ copied, copy }) => (
        <Button variant="default" size="compact-sm" onClick={copy} aria-label={`${text.copy} ${what}`}>
          {copied ? text.copied : text.copy}
        </Button>
      )}
    </CopyButton>
  );
}
