import type { Schemas } from '../api/client';
import { text } from '../strings';
import { CallsChart } from './calls-chart';

const words = text.overview.calls;

/** Calls a minute by decision, and why calls were refused. */
export function Calls({ of: calls }: { of: Schemas['CallsStatusResponse'] }) {
  return (
    <section className="card" aria-labelledby="calls">
      <h2 id="calls">{words.title}</h2>
      <CallsChart of={calls} />
      {calls.refusals.length > 0 && (
        <>
          <h3>{words.refused}</h3>
          <ul className="sentences">
            {calls.refusals.map(({ reason, because, calls: count }) => (
              <li key={reason}>
                {words.count(count)} {because}
              </li>
            ))}
          </ul>
        </>
      )}
    </section>
  );
}
