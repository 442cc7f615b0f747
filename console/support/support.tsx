import { Alert, Button, TextInput } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { useState, type FormEvent } from 'react';

import { answered, client } from '../api/client';
import { messageOf } from '../parts/problem';
import { useSession } from '../session/session';
import { text } from '../strings';
import { Explain } from './explain';
import { FoundOrders } from './found-orders';
import { readSearch, type Search } from './read-search';
import { searchBy, searchFor, type Found } from './search';

const words = text.support;

/** What is searched for is kept in memory only: it may be a phone. */
export function Support() {
  const { can } = useSession();
  const navigate = useNavigate();
  const [entered, setEntered] = useState('');
  const [failure, setFailure] = useState<string | null>(null);
  const [found, setFound] = useState<Found | null>(null);
  const onError = (refused: unknown) =>
    setFailure(messageOf(refused, { 'order-not-found': words.noOrder, 'invalid-request': words.unreadableNumber }));
  const open = async (reference: string) => navigate({ to: '/orders/$reference', params: { reference } });

  const search = useMutation({
    mutationFn: async (what: Search) => {
      if (!can('support')) {
        if (what.kind === 'number' || what.mayBePhone) return setFailure(words.needsSupport);
        const path = { reference: what.name };
        await answered(client.GET('/v1/orders/{reference}', { params: { path } }));
        return open(what.name);
      }
      const first = await searchFor(what);
      if (first === null) return setFailure(what.kind === 'number' ? words.noOrders : nothingOf(what));
      const [only] = first.orders;
      if (only && only.order.reference === first.by.reference) return open(only.order.reference);
      setFound(first);
    },
    onError,
  });
  const more = useMutation({
    mutationFn: async ({ by, orders, nextCursor }: Found) => {
      const next = await searchBy(by, nextCursor);
      setFound({ ...next, orders: [...orders, ...next.orders] });
    },
    onError,
  });

  function submit(event: FormEvent) {
    event.preventDefault();
    setFailure(null);
    setFound(null);
    const what = readSearch(entered);
    if (entered.trim() === '') setFailure(words.empty);
    else if (what === null) setFailure(words.unreadable);
    else search.mutate(what);
  }

  return (
    <div className="page">
      <h1>{words.title}</h1>
      <section className="card">
        <form className="search" onSubmit={submit} role="search" noValidate>
          <TextInput
            label={words.search}
            description={words.searchHelp}
            value={entered}
            onChange={(event) => setEntered(event.currentTarget.value)}
            autoComplete="off"
            autoFocus
            size="md"
          />
          <Button type="submit" size="md" loading={search.isPending}>
            {words.submit}
          </Button>
        </form>
        <div className="results" aria-live="polite">
          {failure !== null && <Alert color="red">{failure}</Alert>}
          {found && (
            <FoundOrders
              note={found.by.reference === undefined ? null : words.otherLetters(found.by.reference)}
              orders={found.orders}
              interactions={found.interactions}
              more={found.nextCursor === null ? null : () => more.mutate(found)}
              isLoading={more.isPending}
            />
          )}
        </div>
      </section>
      {can('support') && <Explain />}
    </div>
  );
}

function nothingOf({ mayBePhone }: Search & { readonly kind: 'name' }): string {
  return mayBePhone ? `${words.nothing} ${words.countryCode}` : words.nothing;
}
