import { Button, NativeSelect, Table } from '@mantine/core';
import { useInfiniteQuery, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';

import { answered, client, type Schemas } from '../api/client';
import { Confirm } from '../parts/confirm';
import { spaced } from '../parts/number';
import { Problem } from '../parts/problem';
import { Queried } from '../parts/queried';
import { Status, toneOf } from '../parts/status';
import { Time } from '../parts/time';
import { text } from '../strings';

const words = text.pools;
export const STATUSES = ['available', 'draining', 'resting', 'provisioning', 'suspended', 'retired'] as const;

type NumberStatus = (typeof STATUSES)[number];
type Health = Schemas['NumberHealthResponse'];

const HEALTH_EVERY_MS = 60_000;

/** The numbers of a pool, their health, draining and retiring. Virtual numbers are ours, so they may be in a URL. */
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
  const health = useQuery({
    queryKey: ['pool', pool, 'health'],
    queryFn: () => answered(client.GET('/v1/pools/{name}/number-health', { params: { path: { name: pool } } })),
    refetchInterval: HEALTH_EVERY_MS,
  });
  const healthOf = new Map(health.data?.numbers.map((one) => [one.number, one]));
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
              ...STATUSES.map((one) => ({ value: one, label: words.numberStatus[one] })),
            ]}
          />
        </div>
      </div>
      <Queried query={numbers}>
        {({ pages }) => {
          const all = pages.flatMap((page) => page.numbers);
          return all.length === 0 ? (
            <p>{words.noNumbers}</p>
          ) : (
            <NumberTable pool={pool} numbers={all} healthOf={healthOf} />
          );
        }}
      </Queried>
      {health.error !== null && <Problem failure={health.error} retry={() => void health.refetch()} />}
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

interface TableProps {
  readonly pool: string;
  readonly numbers: readonly Schemas['NumberResponse'][];
  /** By number; those without calls are missing. */
  readonly healthOf: ReadonlyMap<string, Health>;
}

function NumberTable({ pool, numbers, healthOf }: TableProps) {
  return (
    <div className="table" tabIndex={0} role="group" aria-label={words.numbers}>
      <Table>
        <Table.Thead>
          <Table.Tr>
            <Table.Th>{words.number}</Table.Th>
            <Table.Th>{words.status}</Table.Th>
            <Table.Th ta="right">{words.assignments}</Table.Th>
            <Table.Th>{words.health}</Table.Th>
            <Table.Th>{words.actions}</Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {numbers.map(({ number, status, ordersHeld, capacity, withheldUntil }) => (
            <Table.Tr key={number}>
              <Table.Td className="number">{spaced(number)}</Table.Td>
              <Table.Td>
                <Status tone={toneOf(status)}>{words.numberStatus[status]}</Status>
                {withheldUntil !== null && (
                  <span className="quiet line">
                    {words.withheldUntil} <Time at={withheldUntil} />
                  </span>
                )}
              </Table.Td>
              <Table.Td ta="right">{words.of(ordersHeld, capacity)}</Table.Td>
              <Table.Td>
                <HealthInWords of={healthOf.get(number)} />
              </Table.Td>
              <Table.Td>
                <NumberActions pool={pool} number={number} status={status} isWithheld={withheldUntil !== null} />
              </Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </div>
  );
}

function HealthInWords({ of: health }: { of: Health | undefined }) {
  if (health === undefined) return <span className="quiet">{words.noCalls}</span>;
  const { calls, sickBecause, restedBecause, restsUntil } = health;
  return (
    <>
      {calls.calls === 0 ? words.noCalls : words.answeredCalls(calls.answered, calls.calls)}
      {sickBecause !== null && <span className="quiet line">{sickBecause}</span>}
      {restsUntil !== null && (
        <span className="quiet line">
          {restedBecause} {words.restsUntil} <Time at={restsUntil} />.
        </span>
      )}
    </>
  );
}

interface ActionsProps {
  readonly pool: string;
  readonly number: string;
  readonly status: NumberStatus;
  readonly isWithheld: boolean;
}

function NumberActions({ pool, number, status, isWithheld }: ActionsProps) {
  const queries = useQueryClient();
  const refresh = () => queries.invalidateQueries({ queryKey: ['pool', pool] });
  const params = { path: { number } };
  const shown = spaced(number);
  return (
    <div className="actions">
      {status === 'available' && (
        <Confirm
          size="compact-sm"
          label={words.drain}
          title={words.drainTitle(shown)}
          confirm={words.drainConfirm}
          act={() => answered(client.POST('/v1/numbers/{number}/drain', { params })).then(refresh)}
        >
          <p>{words.drainHelp}</p>
        </Confirm>
      )}
      {(status === 'draining' || status === 'resting' || isWithheld) && (
        <Confirm
          size="compact-sm"
          label={words.resume}
          title={words.resumeTitle(shown)}
          confirm={words.resumeConfirm}
          act={() => answered(client.POST('/v1/numbers/{number}/resume', { params })).then(refresh)}
        >
          <p>{isWithheld ? words.resumeWithheldHelp : words.resumeHelp}</p>
        </Confirm>
      )}
      {(status === 'draining' || status === 'resting' || status === 'suspended') && (
        <Confirm
          size="compact-sm"
          label={words.retire}
          title={words.retireTitle(shown)}
          confirm={words.retireConfirm}
          isDangerous
          act={() => answered(client.POST('/v1/numbers/{number}/retire', { params })).then(refresh)}
        >
          <p>{words.retireHelp}</p>
        </Confirm>
      )}
    </div>
  );
}
