import { Autocomplete, Switch, TextInput } from '@mantine/core';
import { useId, type ReactNode } from 'react';

import { text } from '../strings';
import type { QuietHours } from './policy-fields';

const words = text.policy.quietHours;
const TIME_ZONES = Intl.supportedValuesOf('timeZone');
const USUAL = { from: '22:00', until: '07:00' };

interface Props {
  readonly label: string;
  readonly help: ReactNode;
  /** Why the value cannot be saved, in words. */
  readonly mistake: string | null;
  readonly value: QuietHours | null;
  readonly onChange: (value: QuietHours | null) => void;
}

export function QuietHoursField({ label, help, mistake, value, onChange }: Props) {
  const about = useId();
  const begin = () => ({ ...USUAL, timeZone: Intl.DateTimeFormat().resolvedOptions().timeZone });
  return (
    <div className="several" role="group" aria-labelledby={about}>
      <Switch
        id={about}
        label={label}
        description={help}
        error={mistake}
        checked={value !== null}
        onChange={(event) => onChange(event.currentTarget.checked ? begin() : null)}
      />
      {value !== null && (
        <div className="row">
          <TextInput
            type="time"
            label={words.from}
            value={value.from}
            onChange={(event) => onChange({ ...value, from: event.currentTarget.value })}
          />
          <TextInput
            type="time"
            label={words.until}
            value={value.until}
            onChange={(event) => onChange({ ...value, until: event.currentTarget.value })}
          />
          <Autocomplete
            label={words.timeZone}
            value={value.timeZone}
            onChange={(timeZone) => onChange({ ...value, timeZone })}
            data={TIME_ZONES}
            limit={20}
          />
        </div>
      )}
    </div>
  );
}
