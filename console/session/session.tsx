import { useQueryClient } from '@tanstack/react-query';
import { createContext, useCallback, useContext, useEffect, useMemo, useState, type ReactNode } from 'react';

import { answered, ApiFailure, client, whenSignedOut, type Schemas, type Scope } from '../api/client';
import { Loading } from '../parts/loading';
import { Problem } from '../parts/problem';
import { text } from '../strings';
import { SignIn } from './sign-in';

export interface Session extends Omit<Schemas['SessionResponse'], 'scopes'> {
  readonly scopes: readonly Scope[];
  /** Whether the key has one of these scopes. */
  can(...scopes: Scope[]): boolean;
  signOut(): Promise<void>;
}

const CurrentSession = createContext<Session | null>(null);

/** The session of the person who is signed in. */
export function useSession(): Session {
  return useContext(CurrentSession)!;
}

type State =
  | { readonly kind: 'asking' }
  | { readonly kind: 'failed'; readonly failure: unknown }
  | { readonly kind: 'signed-out'; readonly why: string | null }
  | { readonly kind: 'signed-in'; readonly session: Schemas['SessionResponse'] };

/** An outage ends by itself. */
const ASKS_AGAIN_AFTER_MS = 5_000;

const LINK = '#sign-in=';

/** The secret of the link that the start printed. It is removed from the address at once. */
const link = location.hash.startsWith(LINK) ? location.hash.slice(LINK.length) : null;
if (link !== null) history.replaceState(null, '', location.pathname);

/** Asked once, also if React starts the page twice. */
let byLink: Promise<Schemas['SessionResponse']> | null = null;

async function begin(): Promise<State> {
  if (link !== null) {
    byLink ??= answered(client.POST('/v1/session', { body: { link } }));
    const session = await byLink.catch(() => null);
    if (session !== null) return { kind: 'signed-in', session };
  }
  try {
    return { kind: 'signed-in', session: await answered(client.GET('/v1/session')) };
  } catch (failure) {
    if (!(failure instanceof ApiFailure) || failure.status !== 401) return { kind: 'failed', failure };
    return { kind: 'signed-out', why: link === null ? null : text.signIn.linkUsed };
  }
}

/** Shows the sign-in until there is a session, and again when it has ended, at the same address. */
export function SessionProvider({ children }: { children: ReactNode }) {
  const queries = useQueryClient();
  const [state, setState] = useState<State>({ kind: 'asking' });
  const start = useCallback(() => {
    setState({ kind: 'asking' });
    void begin().then(setState);
  }, []);

  useEffect(() => {
    whenSignedOut(() => {
      queries.clear();
      setState((now) => (now.kind === 'signed-in' ? { kind: 'signed-out', why: text.signIn.ended } : now));
    });
    start();
  }, [queries, start]);

  useEffect(() => {
    if (state.kind !== 'failed') return undefined;
    const timer = window.setTimeout(() => void begin().then(setState), ASKS_AGAIN_AFTER_MS);
    return () => window.clearTimeout(timer);
  }, [state]);

  const session = useMemo<Session | null>(() => {
    if (state.kind !== 'signed-in') return null;
    const { scopes } = state.session;
    return {
      ...state.session,
      can: (...some) => some.some((scope) => scopes.includes(scope)),
      signOut: async () => {
        await answered(client.DELETE('/v1/session'));
        queries.clear();
        setState({ kind: 'signed-out', why: text.signIn.signedOut });
      },
    };
  }, [state, queries]);

  if (state.kind === 'asking') {
    return (
      <main className="alone">
        <Loading />
      </main>
    );
  }
  if (state.kind === 'failed') {
    return (
      <main className="alone">
        <h1>{text.name}</h1>
        <Problem failure={state.failure} retry={start} isRepeated />
      </main>
    );
  }
  if (state.kind === 'signed-out') {
    return <SignIn why={state.why} onSignedIn={(begun) => setState({ kind: 'signed-in', session: begun })} />;
  }
  return <CurrentSession.Provider value={session}>{children}</CurrentSession.Provider>;
}
