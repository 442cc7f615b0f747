import { Button, TextInput } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import { useState } from 'react';

import { answered, client, type Schemas } from '../api/client';
import { Confirm } from '../parts/confirm';
import { Copy } from '../parts/copy';
import { spaced } from '../parts/number';
import { mistakeIn, Problem } from '../parts/problem';
import { Time } from '../parts/time';
import { useSession } from '../session/session';
import { text } from '../strings';
import { CallBoth } from './call-both';
import { useRefresh } from './refresh';

const words = text.order;

interface Props {
  readonly order: Schemas['OrderResponse'];
  readonly participant: Schemas['OrderParticipantResponse'];
}

/** A participant, the numbers they dial, and what can be done for them. */
export function Participant({
  order: { reference, status, connectsUntil, pin },
  participant: { role, phone, dials },
}: Props) {
  const { can } = useSession();
  const mayChange = can('orders:write') && status !== 'ended';
  return (
    <section className="participant" aria-label={role}>
      <div className="head">
        <h3 className="role">
          {role} <span className="quiet number">{phone ?? words.noPhone}</span>
        </h3>
        {mayChange && status !== 'closing' && <CorrectPhone reference={reference} role={role} />}
      </div>
      {dials.map(({ to, number, status: state, onlyFrom, blocks }) => (
        <div className="dials" key={to}>
          <span>
            {words.dials} <span className="number">{number === null ? '–' : spaced(number)}</span> {words.toReach} {to}
          </span>
          {number !== null && <Copy value={number} what={spaced(number)} />}
          <span className="quiet">
            {text.dialStatus[state]}
            {connectsUntil !== null && state === 'grace' && (
              <>
                {' '}
                {words.until} <Time at={connectsUntil} />
              </>
            )}
            {onlyFrom !== null && ` · ${words.onlyFrom(onlyFrom)}`}
            {blocks === true && ` · ${words.blocks(to)}`}
          </span>
          {mayChange && number !== null && phone !== null && <CallBoth reference={reference} role={role} other={to} />}
          {mayChange && number !== null && <Blocking reference={reference} role={role} other={to} blocks={blocks} />}
          {can('support', 'orders:write') && pin !== 'off' && number !== null && status !== 'ended' && (
            <Pin reference={reference} role={role} other={to} />
          )}
        </div>
      ))}
    </section>
  );
}

function CorrectPhone({ reference, role }: { reference: string; role: string }) {
  const [phone, setPhone] = useState('');
  const refresh = useRefresh(reference);
  const params = { path: { reference, role } };
  const correct = async () => {
    const body = { phone: phone.replace(/[\s()\-/]/g, '') };
    await answered(client.PATCH('/v1/orders/{reference}/participants/{role}', { params, body }));
    setPhone('');
    await refresh();
  };
  return (
    <Confirm
      label={words.correct}
      title={words.correctTitle(role)}
      confirm={words.correctConfirm}
      act={correct}
      isReady={phone.trim() !== ''}
      fields={['phone']}
    >
      {(failure) => (
        <>
          <p>{words.correctHelp}</p>
          <TextInput
            label={words.phone}
            description={words.phoneHelp}
            error={mistakeIn(failure, 'phone')}
            value={phone}
            onChange={(event) => setPhone(event.currentTarget.value)}
            autoComplete="off"
            data-autofocus
          />
        </>
      )}
    </Confirm>
  );
}

interface LinkProps {
  readonly reference: string;
  readonly role: string;
  /** The participant at the other end of the link. */
  readonly other: string;
}

interface BlockingProps extends LinkProps {
  /** Whether the participant blocks the other; null = not known, so both can be done. */
  readonly blocks: boolean | null;
}

function Blocking({ reference, role, other, blocks }: BlockingProps) {
  const refresh = useRefresh(reference);
  const params = { path: { reference, role }, query: { to: other } };
  const path = '/v1/orders/{reference}/participants/{role}/block';
  return (
    <>
      {blocks !== true && (
        <Confirm
          size="compact-sm"
          label={words.block}
          title={words.blockTitle(role, other)}
          confirm={words.blockConfirm}
          act={() => answered(client.POST(path, { params })).then(refresh)}
        >
          <p>{words.blockHelp}</p>
        </Confirm>
      )}
      {blocks !== false && (
        <Confirm
          size="compact-sm"
          label={words.unblock}
          title={words.unblockTitle(role, other)}
          confirm={words.unblockConfirm}
          act={() => answered(client.DELETE(path, { params })).then(refresh)}
        >
          <p>{words.unblockHelp}</p>
        </Confirm>
      )}
    </>
  );
}

/** A PIN is read only when somebody asks for it, because reading it may be the first time that it is made. */
function Pin({ reference, role, other }: LinkProps) {
  const params = { path: { reference, role }, query: { to: other } };
  const pin = useMutation({
    mutationFn: () => answered(client.GET('/v1/orders/{reference}/participants/{role}/pin', { params })),
  });
  if (pin.data) {
    return (
      <span>
        {words.pinTitle(role, other)}: <span className="number">{pin.data.pin}</span>.{' '}
        <span className="quiet">{words.pinHelp}</span>
      </span>
    );
  }
  return (
    <>
      <Button variant="default" size="compact-sm" loading={pin.isPending} onClick={() => pin.mutate()}>
        {words.pin}
      </Button>
      {pin.error !== null && <Problem failure={pin.error} />}
    </>
  );
}
