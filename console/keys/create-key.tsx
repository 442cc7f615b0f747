import { Button, Checkbox, Group, TextInput } from '@mantine/core';
import { useMutation, useQuery } from '@tanstack/react-query';
import { useState, type FormEvent } from 'react';

import { answered, client, type Schemas, type Scope } from '../api/client';
import { mistakeIn, Problem } from '../parts/problem';
import { useSession } from '../session/session';
import { text } from '../strings';

const words = text.keys;

interface Props {
  readonly onCreated: (key: Schemas['NewKeyResponse']) => void;
  readonly onBack: () => void;
}

/** A key can get the scopes and pools of the key of this session at most, so no others are offered. */
export function CreateKey({ onCreated, onBack }: Props) {
  const { scopes: own, pools: ownPools, can } = useSession();
  const [name, setName] = useState('');
  const [scopes, setScopes] = useState<Scope[]>([]);
  const [pools, setPools] = useState<string[]>([]);
  const [until, setUntil] = useState('');
  const [isTried, setTried] = useState(false);

  const existing = useQuery({
    queryKey: ['pools'],
    queryFn: () => answered(client.GET('/v1/pools')),
    enabled: can('operate'),
  });
  const creating = useMutation({
    mutationFn: () =>
      answered(
        client.POST('/v1/keys', {
          body: {
            name: name.trim(),
            scopes,
            pools: pools.length > 0 ? pools : ownPools && [...ownPools],
            expiresAt: until === '' ? null : new Date(until).toISOString(),
          },
        }),
      ),
    onSuccess: onCreated,
  });

  const [ofName, ofExpiry] = [mistakeIn(creating.error, 'name'), mistakeIn(creating.error, 'expiresAt')];

  function create(event: FormEvent) {
    event.preventDefault();
    setTried(true);
    if (name.trim() !== '' && scopes.length > 0) creating.mutate();
  }

  return (
    <form className="dialog" onSubmit={create} noValidate>
      <TextInput
        label={words.name}
        description={words.nameHelp}
        value={name}
        onChange={(event) => {
          setName(event.currentTarget.value);
          creating.reset();
        }}
        error={isTried && name.trim() === '' ? words.nameMissing : ofName}
        maxLength={100}
        autoComplete="off"
        data-autofocus
      />
      <Checkbox.Group
        label={words.scopes}
        value={scopes}
        onChange={(chosen) => setScopes(chosen as Scope[])}
        error={isTried && scopes.length === 0 && words.scopesMissing}
      >
        <div className="choices">
          {own.map((scope) => (
            <Checkbox key={scope} value={scope} label={scope} description={words.scopeHelp[scope]} />
          ))}
        </div>
      </Checkbox.Group>
      <PoolsField known={existing.data?.pools.map((pool) => pool.name) ?? ownPools} value={pools} onChange={setPools} />
      <TextInput
        type="datetime-local"
        label={words.expires}
        description={words.expiresHelp}
        value={until}
        error={ofExpiry}
        onChange={(event) => {
          setUntil(event.currentTarget.value);
          creating.reset();
        }}
      />
      {creating.error !== null && ofName === null && ofExpiry === null && <Problem failure={creating.error} />}
      <Group justify="flex-end">
        <Button variant="default" onClick={onBack}>
          {text.back}
        </Button>
        <Button type="submit" loading={creating.isPending}>
          {words.createConfirm}
        </Button>
      </Group>
    </form>
  );
}

interface PoolsFieldProps {
  /** Null = they cannot be read with this key, so names are typed. */
  readonly known: readonly string[] | null;
  readonly value: readonly string[];
  readonly onChange: (value: string[]) => void;
}

function PoolsField({ known, value, onChange }: PoolsFieldProps) {
  const [typed, setTyped] = useState('');
  if (known !== null && known.length > 0) {
    return (
      <Checkbox.Group
        label={words.pools}
        description={`${words.limited} ${words.poolsChosen}`}
        value={[...value]}
        onChange={onChange}
      >
        <div className="choices">
          {known.map((name) => (
            <Checkbox key={name} value={name} label={name} />
          ))}
        </div>
      </Checkbox.Group>
    );
  }
  function type(names: string) {
    setTyped(names);
    onChange([...new Set(names.split(/[\s,]+/).filter((name) => name !== ''))]);
  }
  return (
    <TextInput
      label={words.pools}
      description={`${words.limited} ${words.poolsHelp}`}
      value={typed}
      onChange={(event) => type(event.currentTarget.value)}
      autoComplete="off"
    />
  );
}
