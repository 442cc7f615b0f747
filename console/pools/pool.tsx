import { useQuery } from '@tanstack/react-query';
import { getRouteApi, Link } from '@tanstack/react-router';

import { answered, client } from '../api/client';
import { useReadEvery } from '../live/live';
import { Level } from '../overview/level';
import { Queried } from '../parts/queried';
import { text } from '../strings';
import { Buying } from './buying';
import { Forecast } from './forecast';
import { ImportNumbers } from './import-numbers';
import { Numbers, STATUSES } from './numbers';
import { Policy } from './policy';
import { Purchases } from './purchases';

const words = text.pools;
/** While the stream is interrupted. */
const READ_EVERY_MS = 15_000;
const route = getRouteApi('/pools/$name');

export function Pool() {
  const { name } = route.useParams();
  const pool = useQuery({
    queryKey: ['pool', name],
    queryFn: () => answered(client.GET('/v1/pools/{name}', { params: { path: { name } } })),
    refetchInterval: useReadEvery(READ_EVERY_MS),
  });
  return (
    <div className="page" key={name}>
      <div className="head">
        <h1>
          {words.pool} {name}
        </h1>
        <div className="actions">
          <Link to="/pools">{words.all}</Link>
        </div>
      </div>
      <Queried query={pool}>
        {(found) => (
          <>
            <section className="card" aria-labelledby="level">
              <h2 id="level">{words.level}</h2>
              <Level assignable={found.level.assignable} lowWater={found.lowWater} target={found.target} />
              <dl className="facts">
                <div>
                  <dt>{words.assignable}</dt>
                  <dd className="number">{found.level.assignable}</dd>
                </div>
                {STATUSES.map((status) => (
                  <div key={status}>
                    <dt>{words.numberStatus[status]}</dt>
                    <dd className="number">{found.level.numbers[status]}</dd>
                  </div>
                ))}
              </dl>
              <Buying pool={found} />
            </section>
            <Forecast pool={name} />
            <Purchases pool={name} />
            <Numbers pool={name} />
            <ImportNumbers pool={name} />
            <Policy pool={found} />
          </>
        )}
      </Queried>
    </div>
  );
}
