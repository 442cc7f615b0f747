import { Alert, Button } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { keepPreviousData, useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState, type FormEvent } from 'react';

import { answered, ApiFailure, client, isPassing, type Schemas } from '../api/client';
import { messageOf, mistakeIn, Problem } from '../parts/problem';
import { Queried } from '../parts/queried';
import { text } from '../strings';
import { PolicyField } from './policy-field';
import { GROUPS, isSame, readRules, type Field, type Rules, type Value } from './policy-fields';

const words = text.policy;
/** What a change does is asked for when somebody has stopped typing. */
const TYPED_MS = 400;

type Pool = Schemas['PoolResponse'];
type Changes = Partial<Record<Field, Value>>;

/** The policy of a pool. The API says which values each field takes, and what a change does. */
export function Policy({ pool }: { pool: Pool }) {
  const rules = useQuery({ queryKey: ['policy-rules'], queryFn: readRules, staleTime: Infinity });
  return (
    <section className="card" aria-labelledby="policy">
      <h2 id="policy">{words.title}</h2>
      <p className="quiet">{words.help}</p>
      <Queried query={rules}>{(known) => <PolicyForm pool={pool} rules={known} />}</Queried>
    </section>
  );
}

function PolicyForm({ pool, rules }: { pool: Pool; rules: Rules }) {
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
  const failure = saving.error ?? (count > 0 ? preview.error : null);
  const mistakes = mistakesOf(failure, changes);
  return (
    <form className="dialog" onSubmit={save} noValidate>
      {GROUPS.map(({ name, fields }) => (
        <fieldset key={name} className="group">
          <legend>{words.groups[name]}</legend>
          {fields.map((field) => (
            <PolicyField
              key={field}
              field={field}
              rule={rules[field]}
              current={pool[field]}
              value={changes[field] === undefined ? pool[field] : changes[field]}
              currency={pool.currency}
              mistake={mistakes.get(field) ?? null}
              effect={changes[field] === undefined ? null : (effects.get(field) ?? null)}
              onChange={(value) => change(field, value)}
            />
          ))}
        </fieldset>
      ))}
      <div className="save" aria-live="polite">
        {mistakes.size > 0 && (
          <p className="mistakes">{words.correct([...mistakes.keys()].map((field) => words.fields[field]))}</p>
        )}
        {failure !== null && mistakes.size === 0 && (
          <Problem
            title={saving.error !== null ? undefined : isPassing(failure) ? words.notTried : words.notPossible}
            failure={failure}
          />
        )}
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

/** Problems that are about a field, although the API names none. */
const FIELDS_OF: Readonly<Record<string, Field | undefined>> = {
  'texts-unavailable': 'texts',
  'provider-not-set-up': 'alternativeProvider',
};

/** What is wrong with which field: of those that contradict each other, with those that were changed. */
function mistakesOf(failure: unknown, changes: Changes): ReadonlyMap<Field, string> {
  if (!(failure instanceof ApiFailure)) return new Map();
  const { slug, fields } = failure;
  const about = [...fields, FIELDS_OF[slug] ?? ''].map((path) => path.split(/[.[]/)[0]!).filter(isField);
  const changed = about.filter((field) => field in changes);
  const contradiction = slug === 'unsound-policy' ? contradictionOf(about[0]) : undefined;
  return new Map(
    (changed.length > 0 ? changed : about.slice(0, 1)).map((field) => [
      field,
      contradiction ?? mistakeIn(failure, field) ?? messageOf(failure),
    ]),
  );
}

const isField = (name: string): name is Field => name in words.fields;
const contradictionOf = (field = '') => (words.contradictions as Readonly<Record<string, string>>)[field];

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
