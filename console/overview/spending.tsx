import type { Schemas } from '../api/client';
import { text } from '../strings';

const words = text.overview.spending;

/** What a pool has spent, beside what it may spend. Nothing if it has no limit and spent nothing. */
export function Spending({ of: spending }: { of: Schemas['SpendingResponse'] }) {
  const { currency, today, mostPerDay, thisMonth, mostPerMonth } = spending;
  const rows = [
    { name: words.today, spent: today, most: mostPerDay },
    { name: words.thisMonth, spent: thisMonth, most: mostPerMonth },
  ].filter(({ spent, most }) => spent > 0 || most !== null);
  return (
    <>
      {rows.map(({ name, spent, most }) => (
        <div key={name}>
          <p className="quiet">
            {name}: {words.of(spent, most, currency)}
          </p>
          {most !== null && <Meter name={name} spent={spent} most={most} currency={currency} />}
        </div>
      ))}
    </>
  );
}

interface MeterProps {
  readonly name: string;
  readonly spent: number;
  readonly most: number;
  readonly currency: string | null;
}

function Meter({ name, spent, most, currency }: MeterProps) {
  const share = most === 0 ? 100 : Math.min(100, (100 * spent) / most);
  return (
    <svg
      className="level"
      viewBox="0 0 100 8"
      preserveAspectRatio="none"
      role="img"
      aria-label={`${name}: ${words.of(spent, most, currency)}`}
    >
      <rect className="track" width="100" height="8" />
      <rect className={share >= 80 ? 'low' : 'enough'} width={share} height="8" />
    </svg>
  );
}
