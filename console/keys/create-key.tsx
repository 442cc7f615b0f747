import { Button, Checkbox, Group, TextInput } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import { useState, type FormEvent } from 'react';

import { answered, client, type Schemas, type Scope } from '../api/client';
import { Problem } from '../parts/problem';
import { useSession } from '../session/session';
import { text } from '../strings';

const words = text.keys;

interface Props {
  readonly onCreated: (key: Schemas['NewKeyResponse']) => void;
  readonly onBack: () => void;
}

/** A key can get the scopes and pools of the key of this session at most, so no others are offered. */
export function CreateKey({ onCreated, onBack }: Props) {
  const { scopes: own, pools: ownPools } = useSession();
  const [name, setName] = useState('');
  const [scopes, setScopes] = useState<Scope[]>([]);
  const [pools, setPools] = useState('');
  const [until, setUntil] = useState('');
  const [isTried, setTried] = useState(false);

  const creating = useMutation({
    mutationFn: () => {
      const named = pools.split(/[\s,]+/).filter((pool) => pool !== '');
      return answered(
        client.POST('/v1/keys', {
          body: {
            name: name.trim(),
            scopes,
            pools: named.length > 0 ? named : ownPools && [...ownPools],
            expiresAt: until === '' ? null : new Date(until).toISOString(),
          },
        }),
      );
    },
    onSuccess: onCreated,
  });

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
        onChange={(event) => setName(event.currentTarget.value)}
        error={isTried && name.trim() === '' && words.nameMissing}
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
      <TextInput
        label={words.pools}
        description={words.poolsHelp}
        value={pools}
        onChange={(event) => setPools(event.currentTarget.value)}
        autoComplete="off"
      />
      <TextInput
        type="datetime-local"
        label={words.expires}
        description={words.expiresHelp}
        value={until}
        onChange={(event) => setUntil(event.currentTarget.value)}
      />
      {creating.error !== null && <Problem failure={creating.error} />}
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
