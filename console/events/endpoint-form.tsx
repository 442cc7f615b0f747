import { Button, Group, TextInput } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import { useState, type FormEvent } from 'react';

import { mistakeIn, Problem } from '../parts/problem';
import { text } from '../strings';
import { EVERY_TYPE, type EventType } from './read-types';
import { TypesField } from './types-field';

const words = text.events;

/** What a person can choose of an endpoint. */
export interface Chosen {
  readonly url: string;
  readonly types: EventType[];
  readonly description: string | null;
}

interface Props {
  /** What is chosen now; missing for a new endpoint. */
  readonly now?: Chosen;
  readonly submit: string;
  /** Ends with the closing of the form. */
  readonly save: (chosen: Chosen) => Promise<unknown>;
  readonly onBack: () => void;
}

export function EndpointForm({ now, submit, save, onBack }: Props) {
  const [url, setUrl] = useState(now?.url ?? '');
  const [description, setDescription] = useState(now?.description ?? '');
  const [types, setTypes] = useState<EventType[]>(now?.types ?? [EVERY_TYPE]);
  const [isTried, setTried] = useState(false);
  const saving = useMutation({ mutationFn: save });
  const ofUrl = mistakeIn(saving.error, 'url');
  const isUrl = /^https?:\/\/./i.test(url.trim());

  function onSubmit(event: FormEvent) {
    event.preventDefault();
    setTried(true);
    const named = description.trim();
    if (isUrl && types.length > 0) saving.mutate({ url: url.trim(), types, description: named === '' ? null : named });
  }

  return (
    <form className="dialog" onSubmit={onSubmit} noValidate>
      <TextInput
        type="url"
        label={words.url}
        description={words.urlHelp}
        value={url}
        onChange={(event) => {
          setUrl(event.currentTarget.value);
          saving.reset();
        }}
        error={isTried && !isUrl ? words.urlMissing : ofUrl}
        maxLength={2_000}
        autoComplete="off"
        data-autofocus
      />
      <TextInput
        label={words.description}
        description={words.descriptionHelp}
        value={description}
        onChange={(event) => setDescription(event.currentTarget.value)}
        maxLength={200}
        autoComplete="off"
      />
      <TypesField value={types} onChange={setTypes} error={isTried && types.length === 0 ? words.typesMissing : null} />
      {saving.error !== null && ofUrl === null && <Problem failure={saving.error} />}
      <Group justify="flex-end">
        <Button variant="default" onClick={onBack}>
          {text.back}
        </Button>
        <Button type="submit" loading={saving.isPending}>
          {submit}
        </Button>
      </Group>
    </form>
  );
}
