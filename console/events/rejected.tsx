import { Button, Table } from '@mantine/core';
import { useInfiniteQuery } from '@tanstack/react-query';

import { answered, client } from '../api/client';
import { Queried } from '../parts/queried';
import { Time } from '../parts/time';
import { text } from '../strings';

const words = text.events;

/** Events of the order system that were never applied. */
export function RejectedEvents() {
  const rejected = useInfiniteQuery({
    queryKey: ['rejected-events'],
    queryFn: ({ pageParam: cursor }) => {
      const query = { limit: 20, ...(cursor === null ? {} : { cursor }) };
      return answered(client.GET('/v1/events/rejected', { params: { query } }));
    },
    initialPageParam: null as string | null,
    getNextPageParam: ({ nextCursor }) => nextCursor,
  });
  return (
    <section className="card" aria-labelledby="rejected">
      <div className="head">
        <h2 id="rejected">{words.rejected}</h2>
        <div className="actions">
          <Button variant="default" size="xs" loading={rejected.isRefetching} onClick={() => void rejected.refetch()}>
            {words.refresh}
          </Button>
        </div>
      </div>
      <p className="quiet">{words.rejectedHelp}</p>
      <Queried query={rejected}>
        {({ pages }) => {
          const all = pages.flatMap(({ events }) => events);
          if (all.length === 0) return <p>{words.noneRejected}</p>;
          return (
            <div className="table" tabIndex={0} role="group" aria-label={words.rejected}>
              <Table>
                <Table.Thead>
                  <Table.Tr>
                    <Table.Th>{words.received}</Table.Th>
                    <Table.Th>{words.event}</Table.Th>
                    <Table.Th>{words.order}</Table.Th>
                    <Table.Th>{words.why}</Table.Th>
                  </Table.Tr>
                </Table.Thead>
                <Table.Tbody>
                  {all.map(({ source, id, type, reference, reason, receivedAt }) => (
                    <Table.Tr key={`${source} ${id}`}>
                      <Table.Td>
                        <Time at={receivedAt} exact />
                      </Table.Td>
                      <Table.Td className="breaks">
                        {type ?? words.noType}
                        <span className="quiet line">
                          {source === '' ? words.noIdentity : `${words.id} ${id}, ${words.source} ${source}`}
                        </span>
                      </Table.Td>
                      <Table.Td className="breaks">{reference ?? '–'}</Table.Td>
                      <Table.Td>{reason}</Table.Td>
                    </Table.Tr>
                  ))}
                </Table.Tbody>
              </Table>
            </div>
          );
        }}
      </Queried>
      {rejected.hasNextPage && (
        <div>
          <Button variant="default" loading={rejected.isFetchingNextPage} onClick={() => void rejected.fetchNextPage()}>
            {text.more}
          </Button>
        </div>
      )}
    </section>
  );
}
