import { Button } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';

import { answered, client, type Schemas } from '../api/client';
import { Confirm } from '../parts/confirm';
import { Problem } from '../parts/problem';
import { text } from '../strings';

const words = text.buying;

/** Pauses and resumes buying for a pool, and starts a round at once. */
export function Buying({ pool: { name, buying } }: { pool: Schemas['PoolResponse'] }) {
  const queries = useQueryClient();
  const params = { path: { name } };
  const change = (to: 'on' | 'off') =>
    answered(client.PATCH('/v1/pools/{name}', { params, body: { buying: to } })).then(() =>
      queries.invalidateQueries({ queryKey: ['pool', name] }),
    );
  const starting = useMutation({
    mutationFn: () => answered(client.POST('/v1/pools/{name}/replenish', { params })),
  });
  return (
    <>
      <div className="actions">
        {buying === 'on' ? (
          <Confirm
            key="pause" // or the dialog would turn into the other one while it closes
            label={words.pause}
            title={words.pauseTitle(name)}
            confirm={words.pauseConfirm}
            act={() => change('off')}
          >
            <p>{words.pauseHelp}</p>
          </Confirm>
        ) : (
          <Confirm
            key="resume"
            label={words.resume}
            title={words.resumeTitle(name)}
            confirm={words.resumeConfirm}
            act={() => change('on')}
          >
            <p>{words.resumeHelp}</p>
          </Confirm>
        )}
        <Button variant="default" size="xs" loading={starting.isPending} onClick={() => starting.mutate()}>
          {words.start}
        </Button>
      </div>
      <p className="quiet" aria-live="polite">
        {starting.isSuccess ? words.started : buying === 'off' && words.isPaused}
      </p>
      {starting.error !== null && <Problem failure={starting.error} />}
    </>
  );
}
