import { Button, NativeSelect, TextInput } from '@mantine/core';
import { useState, type FormEvent } from 'react';

import { instantOf } from '../parts/local-time';
import { text } from '../strings';

const words = text.audit;

/** Which entries are wanted, as the API takes them. */
export interface AuditFilter {
  readonly who?: string;
  readonly what?: string;
  readonly about?: string;
  readonly result?: 'done' | 'refused';
  readonly since?: string;
  readonly until?: string;
}

const NOTHING = { who: '', what: '', about: '', result: '', since: '', until: '' };
/** What is searched for is in an address, where no phone may be. */
const MAY_BE_A_PHONE = /^[+\d][\d\s().-]{6,}$/;

export function AuditFilterForm({ onFilter }: { onFilter: (filter: AuditFilter) => void }) {
  const [fields, setFields] = useState(NOTHING);
  const isPhone = MAY_BE_A_PHONE.test(fields.about.trim());
  const set = (field: keyof typeof NOTHING) => (event: { currentTarget: { value: string } }) => {
    const { value } = event.currentTarget;
    setFields((before) => ({ ...before, [field]: value }));
  };

  function submit(event: FormEvent) {
    event.preventDefault();
    if (isPhone) return;
    const { since, until, ...texts } = fields;
    const wanted = { ...texts, since: instantOf(since), until: instantOf(until) };
    const given = Object.entries(wanted).flatMap(([name, value]) => {
      const trimmed = value?.trim() ?? '';
      return trimmed === '' ? [] : [[name, trimmed]];
    });
    onFilter(Object.fromEntries(given) as AuditFilter);
  }

  function clear() {
    setFields(NOTHING);
    onFilter({});
  }

  const kinds = Object.entries(words.kinds).map(([value, label]) => ({ value, label }));
  return (
    <form className="fields" onSubmit={submit} aria-label={words.filter}>
      <TextInput label={words.who} description={words.whoHelp} value={fields.who} onChange={set('who')} />
      <NativeSelect
        label={words.what}
        value={fields.what}
        onChange={set('what')}
        data={[{ value: '', label: words.every }, ...kinds.toSorted((a, b) => a.label.localeCompare(b.label))]}
      />
      <TextInput
        label={words.about}
        description={words.aboutHelp}
        value={fields.about}
        onChange={set('about')}
        error={isPhone && words.noPhones}
        autoComplete="off"
      />
      <NativeSelect
        label={words.result}
        value={fields.result}
        onChange={set('result')}
        data={[
          { value: '', label: words.every },
          ...Object.entries(words.results).map(([value, label]) => ({ value, label })),
        ]}
      />
      <TextInput type="datetime-local" label={words.since} value={fields.since} onChange={set('since')} />
      <TextInput type="datetime-local" label={words.until} value={fields.until} onChange={set('until')} />
      <div className="actions">
        <Button type="submit">{words.apply}</Button>
        <Button variant="default" onClick={clear}>
          {words.clear}
        </Button>
      </div>
    </form>
  );
}
