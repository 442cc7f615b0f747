import { Button, NumberInput, Table } from '@mantine/core';
import { useInfiniteQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';

import { answered, client, type Schemas } from '../api/client';
import { Confirm } from '../parts/confirm';
import { Dialog } from '../parts/dialog';
import { Queried } from '../parts/queried';
import { ShownOnce } from '../parts/shown-once';
import { Status, toneOf } from '../parts/status';
import { Time } from '../parts/time';
import { text } from '../strings';
import { CreateKey } from './create-key';

const words = text.keys;

type Key = Schemas['KeyResponse'];
/** With its text, which is shown once and never stored. */
type ShownKey = Schemas['NewKeyResponse'];

export function Keys() {
  const queries = useQueryClient();
  const [shown, setShown] = useState<ShownKey | null>(null);
  const [isCreating, setCreating] = useState(false);
  const refresh = () => queries.invalidateQueries({ queryKey: ['keys'] });
  const keys = useInfiniteQuery({
    queryKey: ['keys'],
    queryFn: ({ pageParam: cursor }) => {
      const query = { limit: 100, ...(cursor === null ? {} : { cursor }) };
      return answered(client.GET('/v1/keys', { params: { query } }));
    },
    initialPageParam: null as string | null,
    getNextPageParam: ({ nextCursor }) => nextCursor,
  });

  function show(key: ShownKey) {
    setCreating(false);
    setShown(key);
    void refresh();
  }

  return (
    <div className="page">
      <div className="head">
        <h1>{words.title}</h1>
        <div className="actions">
          <Button onClick={() => setCreating(true)}>{words.create}</Button>
        </div>
      </div>
      <p className="quiet">
        {words.help} {words.ofSettings}
      </p>
      <section className="card">
        <Queried query={keys}>
          {({ pages }) => {
            const all = pages.flatMap((page) => page.keys);
            if (all.length === 0) return <p>{words.none}</p>;
            return <KeyTable keys={all} onRotated={show} onChanged={refresh} />;
          }}
        </Queried>
        {keys.hasNextPage && (
          <div>
            <Button variant="default" loading={keys.isFetchingNextPage} onClick={() => void keys.fetchNextPage()}>
              {text.more}
            </Button>
          </div>
        )}
      </section>
      <Dialog title={words.create} isOpen={isCreating} onClose={() => setCreating(false)} size="lg">
        <CreateKey onCreated={show} onBack={() => setCreating(false)} />
      </Dialog>
      <ShownOnce
        title={words.shownTitle}
        help={words.shownOnce}
        what={words.theKey}
        secret={shown?.key ?? null}
        onKept={() => setShown(null)}
      />
    </div>
  );
}

interface TableProps {
  readonly keys: readonly Key[];
  readonly onRotated: (key: ShownKey) => void;
  readonly onChanged: () => Promise<void>;
}

function KeyTable({ keys, onRotated, onChanged }: TableProps) {
  return (
    <div className="table" tabIndex={0} role="region" aria-label={words.title}>
      <Table>
        <Table.Thead>
          <Table.Tr>
            <Table.Th>{words.name}</Table.Th>
            <Table.Th>{words.scopes}</Table.Th>
            <Table.Th>{words.lastUsed}</Table.Th>
            <Table.Th>{words.expires}</Table.Th>
            <Table.Th>{words.actions}</Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {keys.map((key) => (
            <Table.Tr key={key.id}>
              <Table.Td>
                <strong>{key.name}</strong> <Status tone={toneOf(key.status)}>{words.status[key.status]}</Status>
                <span className="quiet line">
                  {key.id} · {words.created} <Time at={key.createdAt} />
                </span>
                {key.previousUntil !== null && (
                  <span className="quiet line">
                    {words.previousUntil} <Time at={key.previousUntil} />
                  </span>
                )}
              </Table.Td>
              <Table.Td>
                {key.scopes.join(', ')}
                {key.pools !== null && (
                  <span className="quiet line">
                    {words.onlyPools} {key.pools.join(', ')}
                  </span>
                )}
              </Table.Td>
              <Table.Td>{key.lastUsedAt === null ? words.never : <Time at={key.lastUsedAt} />}</Table.Td>
              <Table.Td>{key.expiresAt === null ? words.never : <Time at={key.expiresAt} />}</Table.Td>
              <Table.Td>
                {(key.status === 'active' || key.status === 'unconfirmed') && (
                  <div className="actions">
                    {key.status === 'unconfirmed' && <ConfirmKey of={key} onConfirmed={onChanged} />}
                    <Rotate of={key} onRotated={onRotated} />
                    <Revoke of={key} onRevoked={onChanged} />
                  </div>
                )}
              </Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </div>
  );
}

function Rotate({ of: { id, name }, onRotated }: { of: Key; onRotated: (key: ShownKey) => void }) {
  const [hours, setHours] = useState<number | string>(1);
  const rotate = async () => {
    const body = { overlapSeconds: Math.round(Number(hours) * 3_600) };
    onRotated(await answered(client.POST('/v1/keys/{id}/rotate', { params: { path: { id } }, body })));
  };
  return (
    <Confirm
      label={words.rotate}
      title={words.rotateTitle(name)}
      confirm={words.rotateConfirm}
      act={rotate}
      isReady={hours !== ''}
    >
      <p>{words.rotateHelp}</p>
      <NumberInput label={words.overlap} min={0} max={720} decimalScale={2} value={hours} onChange={setHours} />
    </Confirm>
  );
}

/** After a restore of the database. */
function ConfirmKey({ of: { id, name }, onConfirmed }: { of: Key; onConfirmed: () => Promise<void> }) {
  const act = () => answered(client.POST('/v1/keys/{id}/confirm', { params: { path: { id } } })).then(onConfirmed);
  return (
    <Confirm label={words.confirm} title={words.confirmTitle(name)} confirm={words.confirmConfirm} act={act}>
      <p>{words.confirmHelp}</p>
    </Confirm>
  );
}

function Revoke({ of: { id, name }, onRevoked }: { of: Key; onRevoked: () => Promise<void> }) {
  const revoke = () => answered(client.DELETE('/v1/keys/{id}', { params: { path: { id } } })).then(onRevoked);
  return (
    <Confirm
      label={words.revoke}
      title={words.revokeTitle(name)}
      confirm={words.revokeConfirm}
      isDangerous
      act={revoke}
    >
      <p>{words.revokeHelp}</p>
    </Confirm>
  );
}
