import { Alert } from '@mantine/core';
import { useQueries, useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';

import { answered, client, type Schemas } from '../api/client';
import { useReadEvery } from '../live/live';
import { Loading } from '../parts/loading';
import { messageOf } from '../parts/problem';
import { Queried } from '../parts/queried';
import { Status } from '../parts/status';
import { Time, WithTimes } from '../parts/time';
import { useSession } from '../session/session';
import { text } from '../strings';
import { Calls } from './calls';
import { Level } from './level';
import { Machinery } from './machinery';
import { NeedChart } from './need-chart';
import { Spending } from './spending';
import { behind, toDo, type PoolState } from './to-do';

const words = text.overview;
/** While the stream is interrupted; and the events of supply, of which it does not tell. */
const READ_EVERY_MS = 15_000;
/** The stream tells of orders and pools, and not of providers, queues and webhooks. */
const STATUS_EVERY_MS = 30_000;
/** The forecast of the same quarter hour stays the same. */
const FORECAST_EVERY_MS = 60_000;
const MOST_WAITING = 100;
const EVENTS_SHOWN = 8;

/** What the installation has, what it needs, and what a person should do now. */
export function Overview() {
  const { can } = useSession();
  const readEvery = useReadEvery(READ_EVERY_MS);
  const pools = useQuery({
    queryKey: ['pools'],
    queryFn: () => answered(client.GET('/v1/pools')),
    refetchInterval: readEvery,
  });
  const names = (pools.data?.pools ?? []).map(({ name }) => name);
  const forecasts = useQueries({
    queries: names.map((name) => ({
      queryKey: ['pool', name, 'forecast'],
      queryFn: () => answered(client.GET('/v1/pools/{name}/forecast', { params: { path: { name } } })),
      refetchInterval: FORECAST_EVERY_MS,
    })),
  });
  const events = useQueries({
    queries: names.map((name) => ({
      queryKey: ['pool', name, 'events'],
      queryFn: () =>
        answered(client.GET('/v1/pools/{name}/events', { params: { path: { name }, query: { limit: EVENTS_SHOWN } } })),
      refetchInterval: READ_EVERY_MS,
    })),
  });
  const mayReadOrders = can('orders:read');
  const waiting = useQuery({
    queryKey: ['orders', 'awaiting-numbers'],
    queryFn: () => {
      const query = { status: 'awaiting-numbers', limit: MOST_WAITING } as const;
      return answered(client.GET('/v1/orders', { params: { query } }));
    },
    refetchInterval: readEvery,
    enabled: mayReadOrders,
  });

  const status = useQuery({
    queryKey: ['status'],
    queryFn: () => answered(client.GET('/v1/status')),
    refetchInterval: useReadEvery(READ_EVERY_MS, STATUS_EVERY_MS),
  });
  const installation = status.data?.installation ?? null;
  const states = (pools.data?.pools ?? []).map((pool, place): PoolState => ({
    pool,
    status: status.data?.pools.find((one) => one.pool === pool.name) ?? null,
    forecast: forecasts[place]?.data ?? null,
    events: events[place]?.data?.events ?? [],
  }));
  const orders = waiting.data?.orders ?? [];
  const hasMore = waiting.data?.nextCursor != null;
  const sentences = toDo(states, status.data ?? null);
  const lagging = status.data ? behind(status.data) : [];
  const read = [status, ...forecasts, ...events];
  const failure = read.find(({ error }) => error !== null)?.error;
  const isLoading = read.some(({ isPending }) => isPending);
  return (
    <div className="page">
      <h1>{words.title}</h1>
      <Queried query={pools}>
        {() => (
          <>
            <section className="card" aria-labelledby="to-do">
              <h2 id="to-do">{words.toDo}</h2>
              {sentences.length > 0 && <Sentences of={sentences} />}
              {isLoading && <Loading />}
              {sentences.length === 0 && !isLoading && !failure && status.data && (
                <p>{nothing(status.data, lagging.length > 0)}</p>
              )}
              {lagging.length > 0 && (
                <>
                  <h3>{words.behind}</h3>
                  <Sentences of={lagging} />
                </>
              )}
              {failure && (
                <Alert color="red" role="alert">
                  {words.partial} {messageOf(failure)}
                </Alert>
              )}
            </section>
            {status.data && <Now pools={status.data.pools} />}
            {installation && <Calls of={installation.calls} />}
            <div className="columns">
              {states.map((state) => (
                <PoolCard key={state.pool.name} {...state} />
              ))}
            </div>
          </>
        )}
      </Queried>
      {mayReadOrders && (
        <section className="card" aria-labelledby="waiting">
          <h2 id="waiting">{words.waiting}</h2>
          <Queried query={waiting}>{() => <Waiting orders={orders} hasMore={hasMore} />}</Queried>
        </section>
      )}
      {installation && <Machinery of={installation} />}
      <SupplyEvents states={states} />
    </div>
  );
}

/** That there is nothing to do, as far as that is known. */
function nothing({ installation }: Schemas['StatusResponse'], isBehind: boolean): string {
  if (installation === null) return words.nothingInPools;
  return isBehind ? words.nothingYet : words.nothingToDo;
}

function Sentences({ of: sentences }: { of: readonly string[] }) {
  return (
    <ul className="sentences">
      {sentences.map((sentence) => (
        <li key={sentence} className="breaks">
          {sentence}
        </li>
      ))}
    </ul>
  );
}

/** Live orders of all pools, and how long the first one waits. */
function Now({ pools }: { pools: readonly Schemas['PoolStatusResponse'][] }) {
  const sum = (kind: keyof Schemas['LiveOrdersResponse']) => pools.reduce((all, { orders }) => all + orders[kind], 0);
  const oldest = pools.flatMap(({ oldestWaitingSince: since }) => since ?? []).toSorted()[0];
  return (
    <section className="card" aria-labelledby="now">
      <h2 id="now">{words.live}</h2>
      <dl className="facts">
        <Fact name={words.active}>{sum('active')}</Fact>
        <Fact name={words.closing}>{sum('closing')}</Fact>
        <Fact name={words.placed}>{sum('placed')}</Fact>
        <Fact name={words.awaiting}>{sum('awaitingNumbers')}</Fact>
        {oldest !== undefined && (
          <div>
            <dt>{words.oldest}</dt>
            <dd>
              <Time at={oldest} />
            </dd>
          </div>
        )}
      </dl>
    </section>
  );
}

function PoolCard({ pool, status, forecast }: PoolState) {
  const { name, country, region, provider, level, lowWater, target, buying } = pool;
  const isLow = level.assignable < lowWater;
  return (
    <section className="card" aria-label={`${words.pool} ${name}`}>
      <div className="head">
        <h2>
          <Link to="/pools/$name" params={{ name }}>
            {name}
          </Link>
        </h2>
        <Status tone={isLow ? 'yellow' : 'green'}>{isLow ? words.low : words.enough}</Status>
        <span className="quiet">
          {[country, region, provider].filter((part) => part !== null).join(' · ')}
          {buying === 'off' && ` · ${words.buyingOff}`}
        </span>
      </div>
      <Level assignable={level.assignable} lowWater={lowWater} target={target} />
      <dl className="facts">
        <Fact name={words.assignable}>{level.assignable}</Fact>
        {status && <Fact name={words.live}>{liveOrders(status.orders)}</Fact>}
        <Fact name={words.lowWater}>{lowWater}</Fact>
        <Fact name={words.target}>{target}</Fact>
        {forecast && <Fact name={words.coming}>{forecast.coming}</Fact>}
        {forecast && <Fact name={words.missing}>{forecast.missing}</Fact>}
      </dl>
      {status && <Spending of={status.spending} />}
      {forecast && (
        <p className="quiet">
          <WithTimes>{forecast.why}</WithTimes>
        </p>
      )}
      {forecast && forecast.quarters.length > 1 && <NeedChart forecast={forecast} />}
    </section>
  );
}

const liveOrders = ({ placed, awaitingNumbers, active, closing }: Schemas['LiveOrdersResponse']): number =>
  placed + awaitingNumbers + active + closing;

function Fact({ name, children }: { name: string; children: number }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd className="number">{children}</dd>
    </div>
  );
}

function Waiting({ orders, hasMore }: { orders: readonly Schemas['OrderResponse'][]; hasMore: boolean }) {
  if (orders.length === 0) return <p>{words.noneWaiting}</p>;
  return (
    <>
      <p>{words.waitingCount(orders.length, hasMore)}</p>
      <ul className="timeline">
        {orders.slice(0, 10).map(({ reference, placedAt, pool }) => (
          <li key={reference}>
            <Time at={placedAt} />
            <span>
              <Link to="/orders/$reference" params={{ reference }}>
                {reference}
              </Link>{' '}
              <span className="quiet">
                {words.inPool} {pool}
              </span>
            </span>
          </li>
        ))}
      </ul>
    </>
  );
}

function SupplyEvents({ states }: { states: readonly PoolState[] }) {
  const all = states
    .flatMap(({ pool, events }) => events.map((event) => ({ ...event, pool: pool.name })))
    .toSorted((one, other) => other.at.localeCompare(one.at))
    .slice(0, EVENTS_SHOWN);
  if (all.length === 0) return null;
  return (
    <section className="card" aria-labelledby="supply">
      <h2 id="supply">{words.supply}</h2>
      <ol className="timeline">
        {all.map(({ pool, at, detail, kind }, place) => (
          <li key={`${pool} ${at} ${kind} ${place}`}>
            <Time at={at} />
            <p>{detail}</p>
          </li>
        ))}
      </ol>
    </section>
  );
}
