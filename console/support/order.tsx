import { Alert, Button } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { getRouteApi, Link } from '@tanstack/react-router';
import { useEffect } from 'react';

import { answered, client, type Schemas } from '../api/client';
import { useReadEvery } from '../live/live';
import { Confirm } from '../parts/confirm';
import { Queried } from '../parts/queried';
import { Status, toneOf } from '../parts/status';
import { Time } from '../parts/time';
import { useSession } from '../session/session';
import { text } from '../strings';
import { Participant } from './participant';
import { useRefresh } from './refresh';
import { Timeline } from './timeline';

const words = text.order;
const route = getRouteApi('/orders/$reference');
/** While the stream is interrupted. */
const READ_EVERY_MS = 10_000;

type OrderState = Schemas['OrderResponse'];

export function Order() {
  const { reference } = route.useParams();
  const readEvery = useReadEvery(READ_EVERY_MS);
  const order = useQuery({
    queryKey: ['order', reference],
    queryFn: () => answered(client.GET('/v1/orders/{reference}', { params: { path: { reference } } })),
    refetchInterval: readEvery,
  });
  useEffect(() => {
    document.title = `${reference} · ${text.name}`;
    return () => void (document.title = text.name);
  }, [reference]);

  return (
    <div className="page">
      <div className="head">
        <h1>
          {words.title} {reference}
        </h1>
        {order.data && <Status tone={toneOf(order.data.status)}>{text.orderStatus[order.data.status]}</Status>}
        <div className="actions">
          {order.data && <OrderActions order={order.data} />}
          <Button variant="subtle" size="xs" renderRoot={(props) => <Link to="/support" {...props} />}>
            {words.allOrders}
          </Button>
        </div>
      </div>
      <Queried query={order}>{(found) => <OrderDetails order={found} />}</Queried>
    </div>
  );
}

function OrderDetails({ order }: { order: OrderState }) {
  const { reference, pool, placedAt, activeAt, closedAt, connectsUntil, unconfirmed, texts, participants } = order;
  const { can } = useSession();
  return (
    <>
      {unconfirmed && <Alert color="yellow">{words.unconfirmed}</Alert>}
      <section className="card" aria-labelledby="participants">
        <h2 id="participants">{words.participants}</h2>
        {participants.map((participant) => (
          <Participant key={participant.role} order={order} participant={participant} />
        ))}
        {!can('orders:write') && <p className="quiet">{words.readOnly}</p>}
        <dl className="facts last">
          <div>
            <dt>{words.placed}</dt>
            <dd>
              <Time at={placedAt} />
            </dd>
          </div>
          <div>
            <dt>{words.active}</dt>
            <dd>{activeAt === null ? words.notYet : <Time at={activeAt} />}</dd>
          </div>
          {closedAt !== null && (
            <div>
              <dt>{words.closed}</dt>
              <dd>
                <Time at={closedAt} />
              </dd>
            </div>
          )}
          <div>
            <dt>{words.connectsUntil}</dt>
            <dd>{connectsUntil === null ? words.whileOpen : <Time at={connectsUntil} />}</dd>
          </div>
          <div>
            <dt>{words.texts}</dt>
            <dd>{words.textUse[texts]}</dd>
          </div>
          <div>
            <dt>{words.pool}</dt>
            <dd>{pool}</dd>
          </div>
        </dl>
      </section>
      <Timeline reference={reference} />
    </>
  );
}

function OrderActions({ order: { reference, status } }: { order: OrderState }) {
  const { can } = useSession();
  const refresh = useRefresh(reference);
  if (!can('orders:write') || status === 'closing' || status === 'ended') return null;
  const params = { path: { reference } };
  return (
    <>
      <Confirm
        label={words.complete}
        title={words.completeTitle}
        confirm={words.completeConfirm}
        act={() => answered(client.POST('/v1/orders/{reference}/complete', { params })).then(refresh)}
      >
        <p>{words.completeHelp}</p>
      </Confirm>
      <Confirm
        label={words.cancel}
        title={words.cancelTitle}
        confirm={words.cancelConfirm}
        isDangerous
        act={() => answered(client.POST('/v1/orders/{reference}/cancel', { params })).then(refresh)}
      >
        <p>{words.cancelHelp}</p>
      </Confirm>
    </>
  );
}
