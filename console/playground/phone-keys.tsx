import { Button } from '@mantine/core';

import { text } from '../strings';

interface Props {
  readonly keys: readonly string[];
  readonly onPress: (key: string) => void;
}

/** The keys of a phone, each a button. */
export function PhoneKeys({ keys, onPress }: Props) {
  return keys.map((key) => (
    <Button
      key={key}
      variant="default"
      size="xs"
      aria-label={text.playground.phone.key(key)}
      onClick={() => onPress(key)}
    >
      {key}
    </Button>
  ));
}
