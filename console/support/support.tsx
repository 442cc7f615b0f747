import { Alert, Button, Group, Table, TextInput } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import { Link, useNavigate } from '@tanstack/react-router';
import { useState, type FormEvent } from 'react';

import { answered, ApiFailure, client, type Schemas } from '../api/client';
import { messageOf } from '../parts/problem';
import { Status, toneOf } from '../parts/status';
import { Time } from '../parts/time';
import { useSession } from '../session/session';
import { text } from '../strings';
import { Explain } from './explain';
import { readSearch, type Search } from './read-search';

type Found =
  | { readonly kind: 'person'; readonly person: Schemas['PersonResponse'] }
  | { readonly kind: 'ambiguous'; readonly entered: string };

/** What is searched for is kept in memory only: it may be a phone. */
export function Support() {
  const { can } = useSession();
  const navigate = useNavigate();
  const [entered, setEntered] = useState('');
  const [failure, setFailure] = useState<string | null>(null);

  const search = useMutation({
    mutationFn: async (what: Search): Promise<Found | null> => {
      if (what.kind === 'ambiguous') return what;
      if (what.kind === 'phone') {
        if (!can('support')) throw new ApiFailure('', 403, text.support.phoneNeedsSupport);
        const person = await answered(client.POST('/v1/persons/export', { body: { phone: what.phone } }));
        return { kind: 'person', person };
      }
      const { reference } = what;
      await answered(client.GET('/v1/orders/{reference}', { params: { path: { reference } } }));
      await navigate({ to: '/orders/$reference', params: { reference } });
      return null;
    },
    onError: (refused) => setFailure(messageOf(refused, { 'order-not-found': text.support.noOrder })),
  });

  function find(what: Search | null) {
    setFailure(null);
    search.reset();
    if (what === null) return setFailure(entered.trim() === '' ? text.support.empty : text.support.notAReference);
    search.mutate(what);
  }

  function submit(event: FormEvent) {
    event.preventDefault();
    find(readSearch(entered));
  }

  const found = search.data;
  return (
    <div className="page">
      <h1>{text.support.title}</h1>
      <section className="card">
        <form className="search" onSubmit={submit} role="search" noValidate>
          <TextInput
            label={text.support.search}
            description={text.support.searchHelp}
            value={entered}
            onChange={(event) => setEntered(event.currentTarget.value)}
            autoComplete="off"
            autoFocus
            size="md"
          />
          <Button type="submit" size="md" loading={search.isPending}>
            {text.support.submit}
          </Button>
        </form>
        <div aria-live="polite">
          {failure !== null && <Alert color="red">{failure}</Alert>}
          {found?.kind === 'ambiguous' && (
            <Alert title={text.support.ambiguous}>
              <Group gap="xs">
                <Button size="xs" variant="default" onClick={() => find({ kind: 'phone', phone: found.entered })}>
                  {text.support.asPhone}
                </Button>
                <Button size="xs" variant="default" onClick={() => find({ kind: 'order', reference: found.entered })}>
                  {text.support.asReference}
                </Button>
              </Group>
            </Alert>
          )}
          {found?.kind === 'person' && <OrdersOf person={found.person} />}
        </div>
      </section>
      {can('support') && <Explain />}
    </div>
  );
}

function OrdersOf({ person: { orders } }: { person: Schemas['PersonResponse'] }) {
  if (orders.length === 0) return <Alert>{text.support.noOrders}</Alert>;
  return (
    <>
      <h2>{text.support.found}</h2>
      <div className="table">
        <Table>
          <Table.Thead>
            <Table.Tr>
              <Table.Th>{text.support.reference}</Table.Th>
              <Table.Th>{text.support.role}</Table.Th>
              <Table.Th>{text.support.status}</Table.Th>
              <Table.Th>{text.support.joined}</Table.Th>
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {orders
              .toSorted((one, other) => other.joinedAt.localeCompare(one.joinedAt))
              .map(({ reference, role, status, joinedAt }) => (
                <Table.Tr key={`${reference} ${role} ${joinedAt}`}>
                  <Table.Td>
                    <Link to="/orders/$reference" params={{ reference }}>
                      {reference}
                    </Link>
                  </Table.Td>
                  <Table.Td>{role}</Table.Td>
                  <Table.Td>
                    <Status tone={toneOf(status)}>{text.orderStatus[status]}</Status>
                  </Table.Td>
                  <Table.Td>
                    <Time at={joinedAt} />
                  </Table.Td>
                </Table.Tr>
              ))}
          </Table.Tbody>
        </Table>
      </div>
      <p className="quiet">{text.support.audited}</p>
    </>
  );
}
