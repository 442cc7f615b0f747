import { useQuery } from '@tanstack/react-query';

import { answered, client, type Schemas } from '../api/client';
import { NeedChart } from '../overview/need-chart';
import { duration } from '../parts/duration';
import { Queried } from '../parts/queried';
import { WithTimes } from '../parts/time';
import { text } from '../strings';

const words = text.forecast;
const READ_EVERY_MS = 60_000;

/** How many numbers a pool will need, and why. */
export function Forecast({ pool }: { pool: string }) {
  const forecast = useQuery({
    queryKey: ['pool', pool, 'forecast'],
    queryFn: () => answered(client.GET('/v1/pools/{name}/forecast', { params: { path: { name: pool } } })),
    refetchInterval: READ_EVERY_MS,
  });
  return (
    <section className="card" aria-labelledby="forecast">
      <h2 id="forecast">{words.title}</h2>
      <Queried query={forecast}>
        {(found) => (
          <>
            <p>
              <WithTimes>{found.why}</WithTimes>
            </p>
            {found.quarters.length > 1 && <NeedChart forecast={found} isLarge />}
            <dl className="facts">
              <Fact name={words.missing}>{found.missing}</Fact>
              <Fact name={words.owned}>{found.owned}</Fact>
              <Fact name={words.coming}>{found.coming}</Fact>
              <Fact name={words.lead}>{duration(found.leadSeconds)}</Fact>
              {found.basis && <Basis of={found.basis} />}
            </dl>
          </>
        )}
      </Queried>
    </section>
  );
}

function Basis({ of: basis }: { of: Schemas['ForecastBasisResponse'] }) {
  return (
    <>
      <Fact name={words.pattern}>{words.patterns[basis.pattern]}</Fact>
      <Fact name={words.history}>{words.days(basis.days)}</Fact>
      <Fact name={words.trend}>{words.percent(basis.trend)}</Fact>
      <Fact name={words.today}>{words.percent(basis.today)}</Fact>
      <Fact name={words.holding}>{words.minutes(basis.holdingMedianMinutes)}</Fact>
    </>
  );
}

function Fact({ name, children }: { name: string; children: number | string }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd className="number">{children}</dd>
    </div>
  );
}
