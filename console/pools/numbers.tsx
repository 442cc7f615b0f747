import { Button, NativeSelect, Table } from '@mantine/core';
import { useInfiniteQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';

import { answered, client, type Schemas } from '../api/client';
import { Confirm } from '../parts/confirm';
import { spaced } from '../parts/number';
import { Queried } from '../parts/queried';
import { Status, toneOf } from '../parts/status';
import { Time } from '../parts/time';
import { text } from '../strings';

const words = text.pools;
const STATUSES = ['available', 'draining', 'resting', 'provisioning', 'suspended', 'retired'] as const;

type NumberStatus = (typeof STATUSES)[number];

/** The numbers of a pool, and their draining. Virtual numbers are ours, so they may be in a URL. */
export function Numbers({ pool }: { pool: string }) {
  const [status, setStatus] = useState<NumberStatus | ''>('');
  const numbers = useInfiniteQuery({
    queryKey: ['pool', pool, 'numbers', status],
    queryFn: ({ pageParam: cursor }) => {
      const query = { pool, limit: 50, ...(status === '' ? {} : { status }), ...(cursor === null ? {} : { cursor }) };
      return answered(client.GET('/v1/numbers', { params: { query } }));
    },
    initialPageParam: null as string | null,
    getNextPageParam: ({ nextCursor }) => nextCursor,
  });
  return (
    <section className="card" aria-labelledby="numbers">
      <div className="head">
        <h2 id="numbers">{words.numbers}</h2>
        <div className="actions">
          <NativeSelect
            size="xs"
            aria-label={words.statusFilter}
            value={status}
            onChange={(event) => setStatus(event.currentTarget.value as NumberStatus | '')}
            data={[
              { value: '', label: words.everyStatus },
              ...STATUSES.map((one) => ({ value: one, label: words.numberStatus[one] ?? one })),
            ]}
          />
        </div>
      </div>
      <Queried query={numbers}>
        {({ pages }) => {
          const all = pages.flatMap((page) => page.numbers);
          return all.length === 0 ? <p>{words.noNumbers}</p> : <NumberTable pool={pool} numbers={all} />;
        }}
      </Queried>
      {numbers.hasNextPage && (
        <div>
          <Button variant="default" loading={numbers.isFetchingNextPage} onClick={() => void numbers.fetchNextPage()}>
            {text.more}
          </Button>
        </div>
      )}
    </section>
  );
}

function NumberTable({ pool, numbers }: { pool: string; numbers: readonly Schemas['NumberResponse'][] }) {
  return (
    <div className="table" tabIndex={0} role="group" aria-label={words.numbers}>
      <Table>
        <Table.Thead>
          <Table.Tr>
            <Table.Th>{words.number}</Table.Th>
            <Table.Th>{words.status}</Table.Th>
            <Table.Th ta="right">{words.held}</Table.Th>
            <Table.Th>{words.actions}</Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {numbers.map(({ number, status, ordersHeld, capacity, withheldUntil }) => (
            <Table.Tr key={number}>
              <Table.Td className="number">{spaced(number)}</Table.Td>
              <Table.Td>
                <Status tone={toneOf(status)}>{words.numberStatus[status] ?? status}</Status>
                {withheldUntil !== null && (
                  <span className="quiet line">
                    {words.withheldUntil} <Time at={withheldUntil} />
                  </span>
                )}
              </Table.Td>
              <Table.Td ta="right">{words.of(ordersHeld, capacity)}</Table.Td>
              <Table.Td>
                <NumberAction pool={pool} number={number} status={status} />
              </Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </div>
  );
}

function NumberAction({ pool, number, status }: { pool: string; number: string; status: NumberStatus }) {
  const queries = useQueryClient();
  const refresh = () => queries.invalidateQueries({ queryKey: ['pool', pool] });
  const params = { path: { number } };
  if (status === 'available') {
    return (
      <Confirm
        size="compact-sm"
        label={words.drain}
        title={words.drainTitle(spaced(number))}
        confirm={words.drainConfirm}
        act={() => answered(client.POST('/v1/numbers/{number}/drain', { params })).then(refresh)}
      >
        <p>{words.drainHelp}</p>
      </Confirm>
    );
  }
  if (status === 'draining' || status === 'resting') {
    return (
      <Confirm
        size="compact-sm"
        label={words.resume}
        title={words.resumeTitle(spaced(number))}
        confirm={words.resumeConfirm}
        act={() => answered(client.POST('/v1/numbers/{number}/resume', { params })).then(refresh)}
      >
        <p>{words.resumeHelp}</p>
      </Confirm>
    );
  }
  return null;
}
