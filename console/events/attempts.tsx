import { Button, Table } from '@mantine/core';
import { useInfiniteQuery } from '@tanstack/react-query';

import { answered, client, type Schemas } from '../api/client';
import { Queried } from '../parts/queried';
import { Status } from '../parts/status';
import { Time } from '../parts/time';
import { text } from '../strings';

const words = text.events;
const READ_EVERY_MS = 5_000;

export function Attempts({ of: id }: { of: string }) {
  const attempts = useInfiniteQuery({
    queryKey: ['webhook', id, 'attempts'],
    queryFn: ({ pageParam: cursor }) => {
      const query = { limit: 20, ...(cursor === null ? {} : { cursor }) };
      return answered(client.GET('/v1/webhook-endpoints/{id}/attempts', { params: { path: { id }, query } }));
    },
    initialPageParam: null as string | null,
    getNextPageParam: ({ nextCursor }) => nextCursor,
    refetchInterval: READ_EVERY_MS,
  });
  return (
    <section className="card" aria-labelledby="attempts">
      <h2 id="attempts">{words.attempts}</h2>
      <p className="quiet">{words.attemptsHelp}</p>
      <Queried query={attempts}>
        {({ pages }) => {
          const all = pages.flatMap((page) => page.attempts);
          return all.length === 0 ? <p>{words.noAttempts}</p> : <AttemptTable attempts={all} />;
        }}
      </Queried>
      {attempts.hasNextPage && (
        <div>
          <Button variant="default" loading={attempts.isFetchingNextPage} onClick={() => void attempts.fetchNextPage()}>
            {text.more}
          </Button>
        </div>
      )}
    </section>
  );
}

function AttemptTable({ attempts }: { attempts: readonly Schemas['WebhookAttemptResponse'][] }) {
  return (
    <div className="table" tabIndex={0} role="group" aria-label={words.attempts}>
      <Table>
        <Table.Thead>
          <Table.Tr>
            <Table.Th>{words.at}</Table.Th>
            <Table.Th>{words.event}</Table.Th>
            <Table.Th>{words.result}</Table.Th>
            <Table.Th ta="right">{words.took}</Table.Th>
            <Table.Th>{words.answer}</Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {attempts.map(({ webhookId, type, at, acknowledged, status, failure, durationMs, response }) => (
            <Table.Tr key={`${webhookId} ${at}`}>
              <Table.Td>
                <Time at={at} exact />
              </Table.Td>
              <Table.Td>
                {type}
                <span className="quiet line">{webhookId}</span>
              </Table.Td>
              <Table.Td>
                <Status tone={acknowledged ? 'green' : 'red'}>
                  {status === null ? words.noAnswer : words.answeredWith(status)}
                </Status>
              </Table.Td>
              <Table.Td ta="right" className="number">
                {words.milliseconds(durationMs)}
              </Table.Td>
              <Table.Td className="breaks">
                {failure}
                {response !== null && <code className="line">{response}</code>}
              </Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </div>
  );
}
