import { NativeSelect, NumberInput, Switch, TextInput } from '@mantine/core';

import { duration } from '../parts/duration';
import { text } from '../strings';
import { LinksField } from './links-field';
import { isSame, type Field, type Links, type QuietHours, type Rule, type Value } from './policy-fields';
import { QuietHoursField } from './quiet-hours-field';

const words = text.policy;

interface Props {
  readonly field: Field;
  readonly rule: Rule | undefined;
  readonly current: Value;
  readonly value: Value;
  /** Of the pool's amounts; null = none. */
  readonly currency: string | null;
  /** What the change does, in words; null = it is not changed, or not known yet. */
  readonly effect: string | null;
  /** Why the value cannot be saved, in words. */
  readonly mistake: string | null;
  readonly onChange: (value: Value) => void;
}

/** A field with its meaning, its unit, its present value, and what the change does. */
export function PolicyField({ field, rule, current, value, currency, effect, mistake, onChange }: Props) {
  const { kind, choices, isOptional, min, max } = rule ?? { kind: 'text' as const };
  const label = words.fields[field];
  const told = (one: Value) => shown(field, one, currency);
  const help = (
    <>
      {words.meanings[field]}
      <span className="line">{words.now(told(current))}</span>
      {!isSame(value, current) && <span className="now line">{words.then(told(value))}</span>}
      {effect !== null && <span className="effect line">{effect}</span>}
    </>
  );
  if (field === 'quietHours' || field === 'links') {
    const about = { label, help, mistake, onChange };
    return field === 'links' ? (
      <LinksField {...about} value={value as Links | null} />
    ) : (
      <QuietHoursField {...about} value={value as QuietHours | null} />
    );
  }
  if (kind === 'boolean') {
    return (
      <Switch
        label={label}
        description={help}
        error={mistake}
        checked={value === true}
        onChange={(event) => onChange(event.currentTarget.checked)}
      />
    );
  }
  const empty = isOptional ? told(null) : undefined;
  const about = { label, description: help, error: mistake, inputWrapperOrder: [...ORDER] };
  if (kind === 'choice') {
    // What a pool does may be none of what it can be told: texts are `unavailable` in some countries.
    const all = typeof current === 'string' && !choices?.includes(current) ? [current, ...(choices ?? [])] : choices;
    return (
      <NativeSelect
        {...about}
        value={value === null ? '' : String(value)}
        onChange={(event) => onChange(event.currentTarget.value === '' ? null : event.currentTarget.value)}
        data={[
          ...(empty === undefined ? [] : [{ value: '', label: empty }]),
          ...(all ?? []).map((choice) => ({ value: choice, label: told(choice) })),
        ]}
      />
    );
  }
  if (kind === 'number') {
    const unit = words.units[field];
    return (
      <NumberInput
        {...about}
        label={unit === undefined ? label : `${label} (${words.unitNames[unit](currency)})`}
        value={value === null ? '' : Number(value)}
        placeholder={empty}
        min={min}
        max={max}
        thousandSeparator=" "
        onChange={(entered) => onChange(entered === '' ? (isOptional ? null : current) : Number(entered))}
      />
    );
  }
  return (
    <TextInput
      {...about}
      value={value === null ? '' : String(value)}
      placeholder={empty}
      onChange={(event) => onChange(event.currentTarget.value === '' && isOptional ? null : event.currentTarget.value)}
    />
  );
}

const ORDER = ['label', 'input', 'error', 'description'] as const;

/** A value as it is told. */
function shown(field: Field, value: Value, currency: string | null): string {
  if (value === null) return (words.empty as Readonly<Record<string, string>>)[field] ?? '';
  if (typeof value === 'boolean') return value ? words.yes : words.no;
  if (typeof value === 'number') return inUnits(field, value, currency);
  if (typeof value === 'string') return (words.choices as NamedChoices)[field]?.[value] ?? value;
  if ('timeZone' in value) return words.quietHours.inWords(value.from, value.until, value.timeZone);
  return value.map(({ between, onlyFrom }) => words.links.inWords(between, onlyFrom)).join(', ');
}

type NamedChoices = Readonly<Record<string, Readonly<Record<string, string>>>>;

function inUnits(field: Field, value: number, currency: string | null): string {
  const unit = words.units[field];
  if (unit === 's') return duration(value);
  return unit === undefined ? String(value) : words.counted[unit](value, currency);
}
