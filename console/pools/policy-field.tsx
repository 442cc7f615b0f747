import { NativeSelect, NumberInput, Switch, TextInput } from '@mantine/core';

import { text } from '../strings';
import { LinksField } from './links-field';
import { duration, isSame, type Field, type Links, type Meanings, type QuietHours, type Value } from './policy-fields';
import { QuietHoursField } from './quiet-hours-field';

const words = text.policy;

interface Props {
  readonly field: Field;
  readonly meaning: Meanings[Field];
  readonly current: Value;
  readonly value: Value;
  /** What the change does, in words; null = it is not changed, or not known yet. */
  readonly effect: string | null;
  readonly onChange: (value: Value) => void;
}

/** A field with its meaning, its unit, its present value, and what the change does. */
export function PolicyField({ field, meaning, current, value, effect, onChange }: Props) {
  const { description = '', kind, choices, isOptional, min, max } = meaning ?? { kind: 'text' as const };
  const label = words.fields[field];
  const unit = words.units[field];
  const isChanged = !isSame(value, current);
  const inWords = unit === 's' && typeof value === 'number' ? `${duration(value)}. ` : '';
  const help = (
    <>
      {inWords}
      {description}
      {isChanged && <span className="now line">{words.now(shown(current, unit))}</span>}
      {effect !== null && <span className="effect line">{effect}</span>}
    </>
  );
  const about = { label, description: help, inputWrapperOrder: ['label', 'input', 'error', 'description'] as const };
  const wrapper = { ...about, inputWrapperOrder: [...about.inputWrapperOrder] };
  if (field === 'quietHours') {
    return <QuietHoursField label={label} help={help} value={value as QuietHours | null} onChange={onChange} />;
  }
  if (field === 'links') {
    return <LinksField label={label} help={help} value={value as Links | null} onChange={onChange} />;
  }
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
        {...wrapper}
        value={value === null ? '' : String(value)}
        onChange={(event) => onChange(event.currentTarget.value === '' ? null : event.currentTarget.value)}
        data={[...none, ...(all ?? []).map((choice) => ({ value: choice, label: words.choices[choice] ?? choice }))]}
      />
    );
  }
  if (kind === 'number') {
    return (
      <NumberInput
        {...wrapper}
        label={`${label}${unit === undefined ? '' : ` (${words.unitNames[unit]})`}`}
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
      {...wrapper}
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
  if (typeof value === 'string') return words.choices[value] ?? value;
  if ('timeZone' in value) return words.quietHours.inWords(value.from, value.until, value.timeZone);
  return value.map(({ between, onlyFrom }) => words.links.inWords(between, onlyFrom)).join(', ');
}
