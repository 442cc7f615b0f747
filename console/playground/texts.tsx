import { Alert, Button, NativeSelect, Textarea } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import { useState, type FormEvent } from 'react';

import { spaced } from '../parts/number';
import { messageOf } from '../parts/problem';
import { text } from '../strings';
import { sendText, type Phones, type SentText } from './exchange';
import type { Contact } from './people';

const words = text.playground.phone;
const MOST_SHOWN = 6;

interface Props {
  readonly phone: string;
  readonly contacts: readonly Contact[];
  readonly texts: Phones['texts'];
}

/** The texts of a phone, and the form that sends one. */
export function Texts({ phone, contacts, texts }: Props) {
  const shown = [
    ...texts.sent.filter(({ from }) => from === phone).map(ofSent),
    ...texts.arrived
      .filter(({ to }) => to === phone)
      .map(({ sid, at, from, body }) => ({
        key: `in ${sid}`,
        at,
        who: `${words.came} ${spaced(from)}`,
        body,
        isOwn: false,
      })),
  ]
    .toSorted((one, other) => one.at.localeCompare(other.at))
    .slice(-MOST_SHOWN);
  return (
    <details open={shown.length > 0 ? true : undefined}>
      <summary>{words.texts}</summary>
      <ol className="texts" aria-live="polite">
        {shown.map(({ key, who, body, isOwn }) => (
          <li key={key} className={isOwn ? 'is-own' : undefined}>
            <span className="quiet line">{who}</span>
            {body}
          </li>
        ))}
      </ol>
      {contacts.length > 0 && <Form phone={phone} contacts={contacts} />}
    </details>
  );
}

function ofSent({ smsSid, at, to, body, steps }: SentText) {
  const isForwarded = steps.some(({ answered }) => typeof answered === 'string' && answered.includes('<Message'));
  const who = `${words.sent} ${spaced(to)}${isForwarded ? '' : ` · ${words.notForwarded}`}`;
  return { key: `out ${smsSid}`, at, who, body, isOwn: true };
}

function Form({ phone, contacts }: Pick<Props, 'phone' | 'contacts'>) {
  const [chosen, setChosen] = useState('');
  const [body, setBody] = useState(words.sample(spaced(phone)));
  const to = contacts.some(({ number }) => number === chosen) ? chosen : contacts[0]!.number;
  const sending = useMutation({ mutationFn: () => sendText(phone, to, body), onSuccess: () => setBody('') });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (body.trim() !== '') sending.mutate();
  };
  return (
    <form className="keypad" onSubmit={submit}>
      <NativeSelect
        label={words.textTo}
        value={to}
        onChange={(event) => setChosen(event.currentTarget.value)}
        data={contacts.map(({ number, role }) => ({
          value: number,
          label: role === null ? spaced(number) : `${spaced(number)}, ${role}`,
        }))}
      />
      <Textarea
        label={words.text}
        value={body}
        onChange={(event) => setBody(event.currentTarget.value)}
        autoComplete="off"
        rows={2}
        maxLength={1_600}
      />
      {sending.error !== null && (
        <Alert color="red" role="alert">
          {messageOf(sending.error, text.playground.problems)}
        </Alert>
      )}
      <Button type="submit" size="xs" variant="default" loading={sending.isPending}>
        {words.send}
      </Button>
    </form>
  );
}
