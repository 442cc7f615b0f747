import { Alert, Button, PasswordInput } from '@mantine/core';
import { useState, type FormEvent } from 'react';

import { answered, client, type Schemas } from '../api/client';
import { messageOf } from '../parts/problem';
import { text } from '../strings';

interface Props {
  /** Why the person must sign in now; null = for no reason worth telling. */
  readonly why: string | null;
  readonly onSignedIn: (session: Schemas['SessionResponse']) => void;
}

export function SignIn({ why, onSignedIn }: Props) {
  const [key, setKey] = useState('');
  const [failure, setFailure] = useState<string | null>(null);
  const [isBusy, setBusy] = useState(false);

  async function signIn(event: FormEvent) {
    event.preventDefault();
    if (key.trim() === '') return setFailure(text.signIn.noKey);
    setBusy(true);
    setFailure(null);
    try {
      onSignedIn(await answered(client.POST('/v1/session', { body: { key: key.trim() } })));
    } catch (refused) {
      setFailure(messageOf(refused, text.signIn.problems));
      setBusy(false);
    }
  }

  return (
    <main className="alone">
      <h1>{text.signIn.title}</h1>
      {why !== null && (
        <Alert role="status" mb="md">
          {why}
        </Alert>
      )}
      <form onSubmit={(event) => void signIn(event)} noValidate>
        <PasswordInput
          label={text.signIn.key}
          description={text.signIn.keyHelp}
          value={key}
          onChange={(event) => setKey(event.currentTarget.value)}
          error={failure}
          autoComplete="off"
          autoFocus
          size="md"
          visibilityToggleButtonProps={{ 'aria-label': text.signIn.showKey, tabIndex: 0 }}
        />
        <Button type="submit" loading={isBusy} mt="md" size="md" fullWidth>
          {text.signIn.submit}
        </Button>
      </form>
      <p className="quiet">{text.signIn.whereToGet}</p>
    </main>
  );
}
