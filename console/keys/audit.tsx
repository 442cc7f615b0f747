import { Button, Table } from '@mantine/core';
import { useInfiniteQuery } from '@tanstack/react-query';
import { useState } from 'react';

import { answered, client, fileOfTheApi, type Schemas } from '../api/client';
import { Queried } from '../parts/queried';
import { Status } from '../parts/status';
import { Time } from '../parts/time';
import { text } from '../strings';
import { AuditFilterForm, type AuditFilter } from './audit-filter';

const words = text.audit;

export function Audit() {
  const [filter, setFilter] = useState<AuditFilter>({});
  const log = useInfiniteQuery({
    queryKey: ['audit', filter],
    queryFn: ({ pageParam: cursor }) => {
      const query = { limit: 50, ...filter, ...(cursor === null ? {} : { cursor }) };
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
      <section className="card" aria-labelledby="filter">
        <h2 id="filter">{words.filter}</h2>
        <AuditFilterForm onFilter={setFilter} />
      </section>
      <section className="card" aria-label={words.title}>
        <p className="quiet">
          <a href={fileOfTheApi('v1/audit/export', { ...filter })} download="audit.jsonl">
            {words.export}
          </a>
          . {words.exportHelp}
        </p>
        <Queried query={log}>
          {({ pages }) => {
            const entries = pages.flatMap((page) => page.entries);
            return entries.length === 0 ? <p>{words.none}</p> : <EntryTable entries={entries} />;
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

function EntryTable({ entries }: { entries: readonly Schemas['AuditEntryResponse'][] }) {
  return (
    <div className="table" tabIndex={0} role="group" aria-label={words.title}>
      <Table>
        <Table.Thead>
          <Table.Tr>
            <Table.Th>{words.at}</Table.Th>
            <Table.Th>{words.who}</Table.Th>
            <Table.Th>{words.what}</Table.Th>
            <Table.Th>{words.about}</Table.Th>
            <Table.Th>{words.details}</Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {entries.map(({ at, who, name, what, about, address, result, details }, place) => (
            <Table.Tr key={`${at} ${place}`}>
              <Table.Td>
                <Time at={at} exact />
              </Table.Td>
              <Table.Td>
                {name ?? who}
                <span className="quiet line">
                  {name !== null && who}
                  {address !== null && ` ${words.from} ${address}`}
                </span>
              </Table.Td>
              <Table.Td>
                {words.kinds[what] ?? what}{' '}
                {result === 'refused' && <Status tone="red">{words.results[result] ?? result}</Status>}
                {words.kinds[what] !== undefined && <span className="quiet line">{what}</span>}
              </Table.Td>
              <Table.Td className="breaks">{about ?? '–'}</Table.Td>
              <Table.Td className="breaks">{details !== null && <Details of={details} />}</Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </div>
  );
}

/** More details than these are shown when somebody opens them. */
const MOST_SHOWN = 8;

/** Each field of a change, before and after; other details as they are. Of what is new, only what was set. */
function Details({ of: { before = {}, after = {}, ...others } }: { of: Details }) {
  const fields = [...new Set([...Object.keys(before), ...Object.keys(after)])]
    .filter((field) => before[field] !== undefined || after[field] !== null)
    .toSorted();
  const lines = [
    ...fields.map((field) => words.changed(field, shown(before[field]), shown(after[field]))),
    ...Object.entries(others).map(([name, value]) => `${name}: ${shown(value)}`),
  ];
  const list = lines.map((line, place) => (
    <span key={place} className="line">
      {line}
    </span>
  ));
  if (lines.length <= MOST_SHOWN) return list;
  return (
    <details>
      <summary>{words.fields(lines.length)}</summary>
      {list}
    </details>
  );
}

interface Details {
  readonly before?: Readonly<Record<string, unknown>>;
  readonly after?: Readonly<Record<string, unknown>>;
  readonly [other: string]: unknown;
}

function shown(value: unknown): string | null {
  if (value === undefined) return null;
  return typeof value === 'string' ? value : JSON.stringify(value);
}
