import type { Schemas } from '../api/client';
import { Time } from '../parts/time';
import { text } from '../strings';

const WIDTH = 320;
const HEIGHT = 90;

/** The numbers needed in each quarter hour of the lead time, and those that the pool owns. */
export function NeedChart({ forecast: { quarters, owned, hardest } }: { forecast: Schemas['ForecastResponse'] }) {
  const most = Math.max(owned, ...quarters.map(({ numbers }) => numbers), 1) * 1.1;
  const x = (place: number) => (place / (quarters.length - 1)) * WIDTH;
  const y = (numbers: number) => HEIGHT - (numbers / most) * HEIGHT;
  const line = quarters.map(({ numbers }, place) => `${x(place).toFixed(1)},${y(numbers).toFixed(1)}`).join(' ');
  const [first, last] = [quarters[0]!, quarters.at(-1)!];
  return (
    <figure className="chart">
      <svg
        viewBox={`0 0 ${WIDTH} ${HEIGHT}`}
        preserveAspectRatio="none"
        role="img"
        aria-label={text.overview.chartInWords(owned, hardest?.numbers ?? 0)}
      >
        <polygon className="need-area" points={`0,${HEIGHT} ${line} ${WIDTH},${HEIGHT}`} />
        <polyline className="need" points={line} />
        <line className="owned" x1="0" x2={WIDTH} y1={y(owned)} y2={y(owned)} />
      </svg>
      <figcaption className="quiet">
        <span>
          <Time at={first.quarter} /> – <Time at={last.quarter} />
        </span>
        <span className="legend need-key">{text.overview.needed}</span>
        <span className="legend owned-key">{text.overview.owned}</span>
      </figcaption>
    </figure>
  );
}
