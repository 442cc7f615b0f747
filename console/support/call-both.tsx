import { useState } from 'react';

import { answered, client } from '../api/client';
import { OneKey } from '../api/idempotency';
import { Confirm } from '../parts/confirm';
import { text } from '../strings';
import { useRefresh } from './refresh';

const words = text.order;

interface Props {
  readonly reference: string;
  /** Whose phone rings first. */
  readonly role: string;
  readonly other: string;
}

/** Orders a call that rings both participants. */
export function CallBoth({ reference, role, other }: Props) {
  const refresh = useRefresh(reference);
  const [once] = useState(() => new OneKey());
  const order = async () => {
    await once.use((key) =>
      answered(
        client.POST('/v1/orders/{reference}/calls', {
          params: { path: { reference }, header: { 'Idempotency-Key': key } },
          body: { from: role, to: other },
        }),
      ),
    );
    await refresh();
  };
  return (
    <Confirm
      size="compact-sm"
      label={words.callBoth}
      title={words.callBothTitle(role, other)}
      confirm={words.callBothConfirm}
      act={order}
    >
      <p>{words.callBothHelp(role, other)}</p>
    </Confirm>
  );
}
