import { Table } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';

import { answered, client } from '../api/client';
import { useReadEvery } from '../live/live';
import { Queried } from '../parts/queried';
import { text } from '../strings';

const words = text.pools;
/** While the stream is interrupted. */
const READ_EVERY_MS = 15_000;

export function Pools() {
  const pools = useQuery({
    queryKey: ['pools'],
    queryFn: () => answered(client.GET('/v1/pools')),
    refetchInterval: useReadEvery(READ_EVERY_MS),
  });
  return (
    <div className="page">
      <h1>{words.title}</h1>
      <p className="quiet">{words.help}</p>
      <section className="card">
        <Queried query={pools}>
          {({ pools: all }) => (
            <div className="table" tabIndex={0} role="region" aria-label={words.title}>
              <Table>
                <Table.Thead>
                  <Table.Tr>
                    <Table.Th>{words.name}</Table.Th>
                    <Table.Th>{words.country}</Table.Th>
                    <Table.Th>{words.provider}</Table.Th>
                    <Table.Th ta="right">{words.assignable}</Table.Th>
                    <Table.Th ta="right">{words.numbers}</Table.Th>
                    <Table.Th ta="right">{words.assignments}</Table.Th>
                  </Table.Tr>
                </Table.Thead>
                <Table.Tbody>
                  {all.map(({ name, country, region, provider, level }) => (
                    <Table.Tr key={name}>
                      <Table.Td>
                        <Link to="/pools/$name" params={{ name }}>
                          {name}
                        </Link>
                      </Table.Td>
                      <Table.Td>{[country, region].filter(Boolean).join(' ')}</Table.Td>
                      <Table.Td>{provider}</Table.Td>
                      <Table.Td ta="right">{level.assignable}</Table.Td>
                      <Table.Td ta="right">{level.numbers.available + level.numbers.draining}</Table.Td>
                      <Table.Td ta="right">{level.ordersHeld}</Table.Td>
                    </Table.Tr>
                  ))}
                </Table.Tbody>
              </Table>
            </div>
          )}
        </Queried>
      </section>
    </div>
  );
}
