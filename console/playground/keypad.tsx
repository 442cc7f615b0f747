import { Button, TextInput } from '@mantine/core';
import { useState, type FormEvent } from 'react';

import { text } from '../strings';
import { PhoneKeys } from './phone-keys';

const words = text.playground.phone;
const KEYS = ['1', '2', '3', '4', '5', '6', '7', '8', '9', '+', '0'];

interface Props {
  readonly isBusy: boolean;
  readonly onCall: (to: string) => void;
}

/** Dials any number, by keys or by keyboard. */
export function Keypad({ isBusy, onCall }: Props) {
  const [number, setNumber] = useState('');
  const [mistake, setMistake] = useState<string | null>(null);
  const change = (to: string) => {
    setNumber(to);
    setMistake(null);
  };
  const submit = (event: FormEvent) => {
    event.preventDefault();
    const dialled = number.replace(/[\s()\-./]/g, '').replace(/^00/, '+');
    if (/^\+[1-9]\d{6,14}$/.test(dialled)) onCall(dialled);
    else setMistake(words.notANumber);
  };
  return (
    <details>
      <summary>{words.keypad}</summary>
      <form className="keypad" onSubmit={submit} noValidate>
        <TextInput
          label={words.number}
          description={words.numberHelp}
          value={number}
          onChange={(event) => change(event.currentTarget.value)}
          error={mistake}
          inputMode="tel"
          autoComplete="off"
        />
        <div className="keys">
          <PhoneKeys keys={KEYS} onPress={(key) => change(number + key)} />
          <Button
            variant="default"
            size="xs"
            px={0}
            aria-label={words.erase}
            onClick={() => change(number.slice(0, -1))}
          >
            ⌫
          </Button>
        </div>
        <Button type="submit" size="xs" disabled={isBusy}>
          {words.dial}
        </Button>
      </form>
    </details>
  );
}
