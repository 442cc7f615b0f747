import { Alert, Button } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { keepPreviousData, useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState, type FormEvent } from 'react';

import { answered, client, type Schemas } from '../api/client';
import { Problem } from '../parts/problem';
import { Queried } from '../parts/queried';
import { text } from '../strings';
import { PolicyField } from './policy-field';
import { GROUPS, isSame, readMeanings, type Field, type Meanings, type Value } from './policy-fields';

const words = text.policy;
/** What a change does is asked for when somebody has stopped typing. */
const TYPED_MS = 400;

type Pool = Schemas['PoolResponse'];
type Changes = Partial<Record<Field, Value>>;

/** The policy of a pool. The API's own description says what each field means, and the API what a change does. */
export function Policy({ pool }: { pool: Pool }) {
  const meanings = useQuery({ queryKey: ['policy-fields'], queryFn: readMeanings, staleTime: Infinity });
  return (
    <section className="card" aria-labelledby="policy">
      <h2 id="policy">{words.title}</h2>
      <p className="quiet">{words.help}</p>
      <Queried query={meanings}>{(known) => <PolicyForm pool={pool} meanings={known} />}</Queried>
    </section>
  );
}

function PolicyForm({ pool, meanings }: { pool: Pool; meanings: Meanings }) {
  const queries = useQueryClient();
  const [changes, setChanges] = useState<Changes>({});
  const preview = usePreview(pool.name, changes);
  const effects = new Map(preview.data?.effects.map(({ field, effect }) => [field, effect]));
  const params = { path: { name: pool.name } };
  const saving = useMutation({
    mutationFn: (body: Changes) =>
      answered(client.PATCH('/v1/pools/{name}', { params, body: body as Schemas['ChangePolicyRequest'] })),
    onSuccess: async () => {
      await queries.invalidateQueries({ queryKey: ['pool', pool.name] });
      setChanges({});
    },
  });

  function change(field: Field, value: Value) {
    saving.reset();
    setChanges(({ [field]: _, ...others }) => (isSame(value, pool[field]) ? others : { ...others, [field]: value }));
  }

  function save(event: FormEvent) {
    event.preventDefault();
    if (count > 0) saving.mutate(changes);
  }

  const count = Object.keys(changes).length;
  return (
    <form className="dialog" onSubmit={save} noValidate>
      {GROUPS.map(({ name, fields }) => (
        <fieldset key={name} className="group">
          <legend>{words.groups[name]}</legend>
          {fields.map((field) => (
            <PolicyField
              key={field}
              field={field}
              meaning={meanings[field]}
              current={pool[field]}
              value={changes[field] === undefined ? pool[field] : changes[field]}
              effect={changes[field] === undefined ? null : (effects.get(field) ?? null)}
              onChange={(value) => change(field, value)}
            />
          ))}
        </fieldset>
      ))}
      <div className="save" aria-live="polite">
        {saving.error !== null && <Problem failure={saving.error} />}
        {saving.error === null && count > 0 && preview.error !== null && <Problem failure={preview.error} />}
        {saving.isSuccess && count === 0 && <Alert color="green">{words.saved}</Alert>}
        {count > 0 && preview.data && preview.error === null && <Outcome of={preview.data} changes={changes} />}
        <div className="actions">
          <Button type="submit" disabled={count === 0} loading={saving.isPending}>
            {words.save(count)}
          </Button>
          <Button variant="default" disabled={count === 0} onClick={() => setChanges({})}>
            {words.discard}
          </Button>
        </div>
      </div>
    </form>
  );
}

/** Asks what the changes would do. */
function usePreview(name: string, changes: Changes) {
  const [settled] = useDebouncedValue(changes, TYPED_MS);
  return useQuery({
    queryKey: ['pool', name, 'preview', settled],
    queryFn: () => {
      const body = settled as Schemas['ChangePolicyRequest'];
      return answered(client.POST('/v1/pools/{name}/policy-preview', { params: { path: { name } }, body }));
    },
    enabled: Object.keys(settled).length > 0,
    placeholderData: keepPreviousData,
    retry: false,
  });
}

/** What all changes together come to, and those that follow from others. */
function Outcome({ of: { now, then, effects }, changes }: { of: Schemas['PolicyPreviewResponse']; changes: Changes }) {
  const following = effects.filter(({ field }) => !(field in changes));
  return (
    <div>
      <p>{words.outcome(now, then)}</p>
      {following.map(({ field, effect }) => (
        <p key={field} className="quiet">
          {words.follows} {words.fields[field as Field]}: {effect}
        </p>
      ))}
    </div>
  );
}
