import { useMutation } from '@tanstack/react-query';
import type { KeyboardEvent } from 'react';

import { text } from '../strings';
import { pressKeys, type Call } from './exchange';
import { PhoneKeys } from './phone-keys';

const words = text.playground.phone;
const KEYS = ['1', '2', '3', '4', '5', '6', '7', '8', '9', '*', '0', '#'];

/** The keys of a phone during a call, by mouse or by keyboard. They stay until the end of the call, as on a phone. */
export function CallKeys({ call }: { call: Call }) {
  // One after the other, in the sequence in which they are pressed. A key that comes after the end of the call is lost.
  const pressing = useMutation({ mutationFn: (key: string) => pressKeys(call, key), scope: { id: call.callSid } });
  const onKeyDown = ({ key }: KeyboardEvent) => {
    if (KEYS.includes(key)) pressing.mutate(key);
  };
  return (
    <div className="keypad" role="group" aria-label={words.callKeys} onKeyDown={onKeyDown}>
      <output className="keyed number" aria-label={words.keyed}>
        {call.keyed}
      </output>
      <div className="keys">
        <PhoneKeys keys={KEYS} onPress={(key) => pressing.mutate(key)} />
      </div>
    </div>
  );
}
