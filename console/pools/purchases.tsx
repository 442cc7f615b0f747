import { Button, Table } from '@mantine/core';
import { useInfiniteQuery, useQuery } from '@tanstack/react-query';

import { answered, client, type Schemas } from '../api/client';
import { useReadEvery } from '../live/live';
import { spaced } from '../parts/number';
import { Queried } from '../parts/queried';
import { Status, type Tone } from '../parts/status';
import { Time } from '../parts/time';
import { text } from '../strings';

const words = text.purchases;
/** While the stream is interrupted, or a purchase is under way: the stream tells of numbers, not of each step. */
const READ_EVERY_MS = 10_000;
const EVENTS_SHOWN = 10;

type Purchase = Schemas['PurchaseResponse'];
type State = Purchase['state'];

/** The steps of a purchase that goes well, in their sequence. */
const STEPS: readonly State[] = ['wanted', 'ordered', 'owned', 'configured', 'verified', 'available'];

/** What was bought for a pool, how far each purchase got, and what happened to the supply. */
export function Purchases({ pool }: { pool: string }) {
  const readEvery = useReadEvery(READ_EVERY_MS);
  const purchases = useInfiniteQuery({
    queryKey: ['pool', pool, 'purchases'],
    queryFn: ({ pageParam: cursor }) => {
      const query = { limit: 10, ...(cursor === null ? {} : { cursor }) };
      return answered(client.GET('/v1/pools/{name}/purchases', { params: { path: { name: pool }, query } }));
    },
    initialPageParam: null as string | null,
    getNextPageParam: ({ nextCursor }) => nextCursor,
    refetchInterval: (query) =>
      query.state.data?.pages.some(isUnderWay) ? Math.min(READ_EVERY_MS, readEvery(query)) : readEvery(query),
  });
  return (
    <section className="card" aria-labelledby="purchases">
      <h2 id="purchases">{words.title}</h2>
      <p className="quiet">{words.help}</p>
      <Queried query={purchases}>
        {({ pages }) => {
          const all = pages.flatMap((page) => page.purchases);
          return all.length === 0 ? <p>{words.none}</p> : <PurchaseTable purchases={all} />;
        }}
      </Queried>
      {purchases.hasNextPage && (
        <div>
          <Button
            variant="default"
            loading={purchases.isFetchingNextPage}
            onClick={() => void purchases.fetchNextPage()}
          >
            {text.more}
          </Button>
        </div>
      )}
      <SupplyEvents pool={pool} />
    </section>
  );
}

const isUnderWay = ({ purchases }: Schemas['PurchasesResponse']): boolean =>
  purchases.some(({ state }) => state !== 'available' && state !== 'failed');

function PurchaseTable({ purchases }: { purchases: readonly Purchase[] }) {
  return (
    <div className="table" tabIndex={0} role="group" aria-label={words.title}>
      <Table>
        <Table.Thead>
          <Table.Tr>
            <Table.Th>{words.number}</Table.Th>
            <Table.Th>{words.step}</Table.Th>
            <Table.Th>{words.chosen}</Table.Th>
            <Table.Th>{words.settled}</Table.Th>
            <Table.Th ta="right">{words.rent}</Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {purchases.map((purchase) => (
            <Table.Tr key={`${purchase.number} ${purchase.wantedAt}`}>
              <Table.Td className="number">
                {spaced(purchase.number)}
                <span className="quiet line">{purchase.provider}</span>
              </Table.Td>
              <Table.Td>
                <Steps of={purchase} />
              </Table.Td>
              <Table.Td>
                <Time at={purchase.wantedAt} exact />
              </Table.Td>
              <Table.Td>{purchase.settledAt === null ? '–' : <Time at={purchase.settledAt} exact />}</Table.Td>
              <Table.Td ta="right">{words.money(purchase.rent, purchase.currency)}</Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </div>
  );
}

/** The step that a purchase has reached, as a bar and in words. */
function Steps({ of: { state, reason } }: { of: Pick<Purchase, 'state' | 'reason'> }) {
  const reached = STEPS.indexOf(state) + 1;
  return (
    <>
      <Status tone={toneOf(state)}>{words.states[state]}</Status>
      {state !== 'failed' && state !== 'available' && (
        <span className="quiet line">{words.stepOf(reached, STEPS.length)}</span>
      )}
      {reason !== null && <span className="quiet line">{reason}</span>}
    </>
  );
}

function toneOf(state: State): Tone {
  if (state === 'failed') return 'red';
  return state === 'available' ? 'green' : 'blue';
}

function SupplyEvents({ pool }: { pool: string }) {
  const events = useQuery({
    queryKey: ['pool', pool, 'events', EVENTS_SHOWN],
    queryFn: () => {
      const params = { path: { name: pool }, query: { limit: EVENTS_SHOWN } };
      return answered(client.GET('/v1/pools/{name}/events', { params }));
    },
    refetchInterval: READ_EVERY_MS,
  });
  return (
    <>
      <h3>{words.events}</h3>
      <Queried query={events}>
        {({ events: all }) =>
          all.length === 0 ? (
            <p>{words.noEvents}</p>
          ) : (
            <ol className="timeline">
              {all.map(({ at, detail, kind }, place) => (
                <li key={`${at} ${kind} ${place}`}>
                  <Time at={at} />
                  <p>{detail}</p>
                </li>
              ))}
            </ol>
          )
        }
      </Queried>
    </>
  );
}
