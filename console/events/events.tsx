import { Button, Table } from '@mantine/core';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useState } from 'react';

import { answered, client, type Schemas } from '../api/client';
import { Dialog } from '../parts/dialog';
import { Queried } from '../parts/queried';
import { text } from '../strings';
import { EndpointForm, type Chosen } from './endpoint-form';
import { EndpointState } from './endpoint-state';
import { RejectedEvents } from './rejected';
import { ShownSecret } from './shown-secret';

const words = text.events;
const READ_EVERY_MS = 15_000;

/** Where events are sent, and which incoming events were refused. */
export function Events() {
  const queries = useQueryClient();
  const [isAdding, setAdding] = useState(false);
  const [secret, setSecret] = useState<string | null>(null);
  const endpoints = useQuery({
    queryKey: ['webhooks'],
    queryFn: () => answered(client.GET('/v1/webhook-endpoints')),
    refetchInterval: READ_EVERY_MS,
  });

  async function add({ description, ...chosen }: Chosen) {
    const body = { ...chosen, ...(description === null ? {} : { description }) };
    const added = await answered(client.POST('/v1/webhook-endpoints', { body }));
    setAdding(false);
    setSecret(added.secret);
    void queries.invalidateQueries({ queryKey: ['webhooks'] });
  }

  return (
    <div className="page">
      <div className="head">
        <h1>{words.title}</h1>
        <div className="actions">
          <Button onClick={() => setAdding(true)}>{words.add}</Button>
        </div>
      </div>
      <section className="card" aria-labelledby="endpoints">
        <h2 id="endpoints">{words.endpoints}</h2>
        <p className="quiet">{words.help}</p>
        <Queried query={endpoints}>
          {({ endpoints: all }) => (all.length === 0 ? <p>{words.none}</p> : <EndpointTable endpoints={all} />)}
        </Queried>
      </section>
      <RejectedEvents />
      <Dialog title={words.add} isOpen={isAdding} onClose={() => setAdding(false)} size="lg">
        <EndpointForm submit={words.addConfirm} save={add} onBack={() => setAdding(false)} />
      </Dialog>
      <ShownSecret secret={secret} onKept={() => setSecret(null)} />
    </div>
  );
}

function EndpointTable({ endpoints }: { endpoints: readonly Schemas['WebhookEndpointResponse'][] }) {
  return (
    <div className="table" tabIndex={0} role="group" aria-label={words.endpoints}>
      <Table>
        <Table.Thead>
          <Table.Tr>
            <Table.Th>{words.url}</Table.Th>
            <Table.Th>{words.types}</Table.Th>
            <Table.Th>{words.state}</Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {endpoints.map((endpoint) => (
            <Table.Tr key={endpoint.id}>
              <Table.Td className="breaks">
                <Link to="/events/$id" params={{ id: endpoint.id }}>
                  {endpoint.url}
                </Link>
                {endpoint.description !== null && <span className="quiet line">{endpoint.description}</span>}
              </Table.Td>
              <Table.Td>{words.typesInWords(endpoint.types)}</Table.Td>
              <Table.Td>
                <EndpointState of={endpoint} />
              </Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </div>
  );
}
