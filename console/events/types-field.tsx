import { Checkbox, Switch } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';

import { Queried } from '../parts/queried';
import { text } from '../strings';
import { EVERY_TYPE, readTypes, type EventType } from './read-types';

const words = text.events;

interface Props {
  readonly value: readonly EventType[];
  readonly onChange: (value: EventType[]) => void;
  readonly error: string | null;
}

/** Which events an endpoint gets. A group that is chosen includes its types. */
export function TypesField({ value, onChange, error }: Props) {
  const groups = useQuery({ queryKey: ['event-types'], queryFn: readTypes, staleTime: Infinity });
  const isEvery = value.includes(EVERY_TYPE);
  return (
    <>
      <Switch
        label={words.everyType}
        description={words.everyTypeHelp}
        checked={isEvery}
        onChange={(event) => onChange(event.currentTarget.checked ? [EVERY_TYPE] : [])}
      />
      {!isEvery && (
        <Queried query={groups}>
          {(known) => (
            <Checkbox.Group
              label={words.types}
              value={[...value]}
              onChange={(chosen) => onChange(chosen as EventType[])}
              error={error}
            >
              {known.map(({ all, types }) => (
                <fieldset key={all} className="group types">
                  <legend>
                    <Checkbox value={all} label={words.wholeGroup(all)} />
                  </legend>
                  {types.map((type) => (
                    <Checkbox key={type} value={type} label={type} disabled={value.includes(all)} />
                  ))}
                </fieldset>
              ))}
            </Checkbox.Group>
          )}
        </Queried>
      )}
    </>
  );
}
