import { Alert, Button, NativeSelect, NumberInput, Switch, TextInput } from '@mantine/core';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState, type FormEvent } from 'react';

import { answered, client, type Schemas } from '../api/client';
import { Problem } from '../parts/problem';
import { Queried } from '../parts/queried';
import { text } from '../strings';
import { duration, GROUPS, readMeanings, type Field, type Meanings } from './policy-fields';

const words = text.policy;

type Pool = Schemas['PoolResponse'];
type Value = string | number | boolean | null;
type Changes = Partial<Record<Field, Value>>;

/** The policy of a pool. The API's own description says what each field means. */
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
  const saving = useMutation({
    mutationFn: (body: Changes) => {
      const params = { path: { name: pool.name } };
      return answered(client.PATCH('/v1/pools/{name}', { params, body: body as Schemas['ChangePolicyRequest'] }));
    },
    onSuccess: async () => {
      await queries.invalidateQueries({ queryKey: ['pool', pool.name] });
      setChanges({});
    },
  });

  function change(field: Field, value: Value) {
    saving.reset();
    setChanges(({ [field]: _, ...others }) => (value === pool[field] ? others : { ...others, [field]: value }));
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
              onChange={(value) => change(field, value)}
            />
          ))}
        </fieldset>
      ))}
      <div className="save" aria-live="polite">
        {saving.error !== null && <Problem failure={saving.error} />}
        {saving.isSuccess && count === 0 && <Alert color="green">{words.saved}</Alert>}
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

interface FieldProps {
  readonly field: Field;
  readonly meaning: Meanings[Field];
  readonly current: Value;
  readonly value: Value;
  readonly onChange: (value: Value) => void;
}

function PolicyField({ field, meaning, current, value, onChange }: FieldProps) {
  const { description = '', kind, choices, isOptional, min, max } = meaning ?? { kind: 'text' as const };
  const label = words.fields[field];
  const unit = words.units[field];
  const help = value === current ? description : `${description} ${words.now(shown(current, unit))}`;
  const order = { description: help, inputWrapperOrder: ['label', 'input', 'error', 'description'] as const };
  if (kind === 'boolean') {
    return (
      <Switch
        label={label}
        description={help}
        checked={value === true}
        onChange={(event) => onChange(event.currentTarget.checked)}
      />
    );
  }
  if (kind === 'choice') {
    const none = isOptional ? [{ value: '', label: words.none }] : [];
    // What a pool does may be none of what it can be told: texts are `unavailable` in some countries.
    const all = typeof current === 'string' && !choices?.includes(current) ? [current, ...(choices ?? [])] : choices;
    return (
      <NativeSelect
        label={label}
        description={order.description}
        inputWrapperOrder={[...order.inputWrapperOrder]}
        value={value === null ? '' : String(value)}
        onChange={(event) => onChange(event.currentTarget.value === '' ? null : event.currentTarget.value)}
        data={[...none, ...(all ?? []).map((choice) => ({ value: choice, label: words.choices[choice] ?? choice }))]}
      />
    );
  }
  if (kind === 'number') {
    const inWords = unit === 's' && typeof value === 'number' ? ` · ${duration(value)}` : '';
    return (
      <NumberInput
        label={`${label}${unit === undefined ? '' : ` (${words.unitNames[unit]})`}`}
        description={`${order.description}${inWords}`}
        inputWrapperOrder={[...order.inputWrapperOrder]}
        value={value === null ? '' : Number(value)}
        placeholder={isOptional ? words.none : undefined}
        min={min}
        max={max}
        thousandSeparator=" "
        onChange={(entered) => onChange(entered === '' ? (isOptional ? null : current) : Number(entered))}
      />
    );
  }
  return (
    <TextInput
      label={label}
      description={order.description}
      inputWrapperOrder={[...order.inputWrapperOrder]}
      value={value === null ? '' : String(value)}
      placeholder={isOptional ? words.none : undefined}
      onChange={(event) => onChange(event.currentTarget.value === '' && isOptional ? null : event.currentTarget.value)}
    />
  );
}

/** A value as it is told. */
function shown(value: Value, unit: string | undefined): string {
  if (value === null) return words.none;
  if (typeof value === 'boolean') return value ? words.yes : words.no;
  if (typeof value === 'number') return unit === 's' ? duration(value) : String(value);
  return words.choices[value] ?? value;
}
