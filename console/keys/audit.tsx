import { Button, Table } from '@mantine/core';
import { useInfiniteQuery } from '@tanstack/react-query';

import { answered, client } from '../api/client';
import { Queried } from '../parts/queried';
import { Time } from '../parts/time';
import { text } from '../strings';

const words = text.audit;

export function Audit() {
  const log = useInfiniteQuery({
    queryKey: ['audit'],
    queryFn: ({ pageParam: cursor }) => {
      const query = { limit: 50, ...(cursor === null ? {} : { cursor }) };
      return answered(client.GET('/v1/audit', { params: { query } }));
    },
    initialPageParam: null as string | null,
    getNextPageParam: ({ nextCursor }) => nextCursor,
  });
  return (
    <div className="page">
      <div className="head">
        <h1>{words.title}</h1>
        <div className="actions">
          <Button variant="default" loading={log.isRefetching} onClick={() => void log.refetch()}>
            {words.refresh}
          </Button>
        </div>
      </div>
      <p className="quiet">{words.help}</p>
      <section className="card">
        <Queried query={log}>
          {({ pages }) => {
            const entries = pages.flatMap((page) => page.entries);
            if (entries.length === 0) return <p>{words.none}</p>;
            return (
              <div className="table" tabIndex={0} role="region" aria-label={words.title}>
                <Table>
                  <Table.Thead>
                    <Table.Tr>
                      <Table.Th>{words.at}</Table.Th>
                      <Table.Th>{words.who}</Table.Th>
                      <Table.Th>{words.what}</Table.Th>
                      <Table.Th>{words.about}</Table.Th>
                    </Table.Tr>
                  </Table.Thead>
                  <Table.Tbody>
                    {entries.map(({ at, who, what, about }, place) => (
                      <Table.Tr key={`${at} ${place}`}>
                        <Table.Td>
                          <Time at={at} exact />
                        </Table.Td>
                        <Table.Td>{who}</Table.Td>
                        <Table.Td>
                          {words.kinds[what] ?? what}
                          {words.kinds[what] !== undefined && <span className="quiet line">{what}</span>}
                        </Table.Td>
                        <Table.Td>{about ?? '–'}</Table.Td>
                      </Table.Tr>
                    ))}
                  </Table.Tbody>
                </Table>
              </div>
            );
          }}
        </Queried>
        {log.hasNextPage && (
          <div>
            <Button variant="default" loading={log.isFetchingNextPage} onClick={() => void log.fetchNextPage()}>
              {text.more}
            </Button>
          </div>
        )}
      </section>
    </div>
  );
}
