import { Button, NativeSelect, Switch, TextInput } from '@mantine/core';
import { useId, type ReactNode } from 'react';

import { text } from '../strings';
import type { Links } from './policy-fields';

const words = text.policy.links;
const USUAL = [{ between: ['customer', 'agent'], onlyFrom: null }];

interface Props {
  readonly label: string;
  readonly help: ReactNode;
  /** Why the value cannot be saved, in words. */
  readonly mistake: string | null;
  readonly value: Links | null;
  readonly onChange: (value: Links | null) => void;
}

/** The links of orders that name none: pairs of roles, each with its direction. */
export function LinksField({ label, help, mistake, value, onChange }: Props) {
  const about = useId();
  const change = (place: number, link: Links[number]) =>
    onChange((value ?? []).map((one, index) => (index === place ? link : one)));
  return (
    <div className="several" role="group" aria-labelledby={about}>
      <Switch
        id={about}
        label={label}
        description={help}
        error={mistake}
        checked={value !== null}
        onChange={(event) => onChange(event.currentTarget.checked ? USUAL : null)}
      />
      {value?.map(({ between: [one = '', other = ''], onlyFrom }, place) => (
        // The rows have no other identity than their place.
        <div className="row" key={place} role="group" aria-label={words.link(place + 1)}>
          <TextInput
            label={words.one}
            value={one}
            onChange={({ currentTarget: { value: role } }) =>
              change(place, { between: [role, other], onlyFrom: onlyFrom === one ? role : onlyFrom })
            }
          />
          <TextInput
            label={words.other}
            value={other}
            onChange={({ currentTarget: { value: role } }) =>
              change(place, { between: [one, role], onlyFrom: onlyFrom === other ? role : onlyFrom })
            }
          />
          <NativeSelect
            label={words.direction}
            value={onlyFrom === null ? '' : onlyFrom === one ? 'one' : 'other'}
            onChange={({ currentTarget: { value: from } }) =>
              change(place, { between: [one, other], onlyFrom: from === '' ? null : from === 'one' ? one : other })
            }
            data={[
              { value: '', label: words.both },
              { value: 'one', label: words.onlyFrom(one) },
              { value: 'other', label: words.onlyFrom(other) },
            ]}
          />
          <Button
            variant="default"
            disabled={value.length === 1}
            onClick={() => onChange(value.filter((_, index) => index !== place))}
          >
            {words.remove}
          </Button>
        </div>
      ))}
      {value !== null && (
        <div>
          <Button
            variant="default"
            size="xs"
            onClick={() => onChange([...value, { between: ['', ''], onlyFrom: null }])}
          >
            {words.add}
          </Button>
        </div>
      )}
    </div>
  );
}
