import { Button, useMantineColorScheme, useComputedColorScheme } from '@mantine/core';
import { useMutation, useQuery } from '@tanstack/react-query';
import { Link, Outlet } from '@tanstack/react-router';

import { client } from './api/client';
import { Live } from './live/live';
import { AuditIcon, EventsIcon, KeysIcon, OverviewIcon, PlaygroundIcon, PoolsIcon, SupportIcon } from './parts/icons';
import { Problem } from './parts/problem';
import { ClockTime } from './parts/time';
import { useSession, type Session } from './session/session';
import { text } from './strings';

/** Whether the provider is the exchange, whose phones the playground shows. */
const hasPlayground = document.documentElement.dataset['playground'] !== undefined;

/** The pages that a session may see, in the order of the menu. */
export function pagesOf({ can, pools }: Session) {
  const hasAllPools = pools === null;
  const mayPlay = can('operate') && can('orders:write') && can('orders:read') && hasAllPools;
  return [
    { to: '/playground', name: text.pages.playground, Icon: PlaygroundIcon, isShown: hasPlayground && mayPlay },
    { to: '/support', name: text.pages.support, Icon: SupportIcon, isShown: can('support', 'orders:read') },
    { to: '/overview', name: text.pages.overview, Icon: OverviewIcon, isShown: can('operate') },
    { to: '/pools', name: text.pages.pools, Icon: PoolsIcon, isShown: can('operate') },
    // Events are of all pools, so a key that is limited to some gets none.
    { to: '/events', name: text.pages.events, Icon: EventsIcon, isShown: can('events') && hasAllPools },
    { to: '/keys', name: text.pages.keys, Icon: KeysIcon, isShown: can('keys') },
    { to: '/audit', name: text.pages.audit, Icon: AuditIcon, isShown: can('audit') && hasAllPools },
  ].filter(({ isShown }) => isShown);
}

export function Shell() {
  const session = useSession();
  const pages = pagesOf(session);
  const leaving = useMutation({ mutationFn: session.signOut });
  return (
    <div className="shell">
      <button type="button" className="skip" onClick={() => document.getElementById('content')?.focus()}>
        {text.skip}
      </button>
      <header>
        <span className="brand">{text.name}</span>
        <nav aria-label={text.menu}>
          {pages.map(({ to, name, Icon }) => (
            <Link key={to} to={to} activeProps={{ 'aria-current': 'page' }}>
              <Icon />
              {name}
            </Link>
          ))}
        </nav>
        <div className="who">
          <p title={session.keyId}>
            {text.key} <strong>{session.keyName}</strong>
            {session.pools !== null && (
              <span className="quiet">
                {text.onlyPools} {session.pools.join(', ')}
              </span>
            )}
            {session.expiresAt !== null && (
              <span className="quiet">
                {text.signedInUntil} <ClockTime at={session.expiresAt} />
              </span>
            )}
            <Live />
          </p>
          <ColorSchemeButton />
          <Button variant="default" size="xs" loading={leaving.isPending} onClick={() => leaving.mutate()}>
            {text.signOut}
          </Button>
        </div>
      </header>
      <main id="content" tabIndex={-1}>
        {leaving.error !== null && <Problem failure={leaving.error} />}
        <Readiness />
        <Outlet />
        {pages.length === 0 && <p>{text.nothingAllowed}</p>}
      </main>
    </div>
  );
}

function ColorSchemeButton() {
  const { setColorScheme } = useMantineColorScheme({ keepTransitions: true });
  const now = useComputedColorScheme();
  const other = now === 'dark' ? 'light' : 'dark';
  return (
    <Button variant="default" size="xs" onClick={() => setColorScheme(other)}>
      {text.colorScheme[other]}
    </Button>
  );
}

interface Ready {
  readonly status: string;
  readonly works: readonly string[];
  readonly checks: Readonly<Record<string, string>>;
}

/** Says above every page what does not work now. */
function Readiness() {
  const { data, isError } = useQuery({
    queryKey: ['ready'],
    queryFn: async () => {
      const { data, error } = await client.GET('/health/ready');
      return (data ?? error) as Ready;
    },
    refetchInterval: ({ state }) => (state.data?.status === 'ready' ? 15_000 : 5_000),
    retry: false,
  });
  const words = isError ? text.ready.unreachable : data && sentenceOf(data);
  return (
    <div role="status" className={words ? 'notice' : undefined}>
      {words}
    </div>
  );
}

function sentenceOf({ status, works, checks }: Ready): string | null {
  if (status === 'ready') return null;
  if (status === 'stopping') return text.ready.stopping;
  const wrong = Object.entries(checks).flatMap(([check, what]) => (what === 'up' ? [] : [`${check}: ${what}`]));
  const calls = works.includes('calls') ? text.ready.callsWork : text.ready.callsFail;
  return `${text.ready.wrong} (${wrong.join('; ')}). ${calls}`;
}
