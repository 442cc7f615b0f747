import { Badge } from '@mantine/core';

export type Tone = 'green' | 'yellow' | 'red' | 'gray' | 'blue';

/** A status in words, with a colour that repeats what the words say. */
export function Status({ tone, children }: { tone: Tone; children: string }) {
  return (
    <Badge color={tone} variant="light" tt="none" size="md">
      {children}
    </Badge>
  );
}

const TONES: Readonly<Record<string, Tone>> = {
  active: 'green',
  placed: 'blue',
  closing: 'yellow',
  'awaiting-numbers': 'yellow',
  available: 'green',
  draining: 'yellow',
  resting: 'yellow',
  provisioning: 'blue',
  unconfirmed: 'yellow',
  suspended: 'red',
  revoked: 'red',
};

export const toneOf = (status: string): Tone => TONES[status] ?? 'gray';
