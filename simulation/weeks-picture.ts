import type { WeeksResults } from './weeks.js';
import { rentOf } from './weeks-report.js';

const [WIDTH, HEIGHT] = [960, 420];
const [LEFT, RIGHT, TOP, BOTTOM] = [66, 24, 128, 372];

/**
 * Draws the numbers over the weeks: held, rented with the forecast, rented with static marks. Readable on light and
 * dark backgrounds.
 */
export function drawWeeks({ weeks, safeMarks, forecast }: WeeksResults): string {
  const hours = weeks.days * 24;
  const most = 100 * Math.ceil(Math.max(safeMarks.most, forecast.most) / 100);
  const x = (hour: number) => round(LEFT + ((WIDTH - LEFT - RIGHT) * hour) / hours);
  const y = (value: number) => round(BOTTOM - ((BOTTOM - TOP) * value) / most);
  const line = (values: readonly { hour: number; value: number }[]) =>
    `M${values.map(({ hour, value }) => `${x(hour)} ${y(value)}`).join('L')}`;
  const curve = (style: string, values: readonly { hour: number; value: number }[]) =>
    `<path class="curve ${style}" d="${line(values)}"/>`;
  const held = forecast.samples.map((sample) => ({ hour: sample.hour, value: sample.held }));
  const rented = ({ samples }: typeof forecast) => samples.map((one) => ({ hour: one.hour, value: one.rented }));
  const legend = [
    [
      'marks',
      `${safeMarks.name}: the cheapest static marks that are never dry, ${rentOf(safeMarks).toLocaleString('en')} INR`,
    ],
    ['forecast', `forecast: never dry, ${rentOf(forecast).toLocaleString('en')} INR`],
    ['held', 'numbers that hold an order'],
  ].map(
    ([style, text], index) =>
      `<path class="curve ${style}" d="M${LEFT} ${62 + 19 * index}h30"/><text class="ink" x="${LEFT + 40}" y="${66 + 19 * index}" font-size="13">${text}</text>`,
  );
  const step = most / 4;
  const grid = Array.from({ length: 5 }, (_, index) => index * step).map(
    (tick) =>
      `<path class="grid" d="M${LEFT} ${y(tick)}H${WIDTH - RIGHT}"/><text class="faint" x="${LEFT - 8}" y="${y(tick) + 4}" font-size="12" text-anchor="end">${tick.toLocaleString('en')}</text>`,
  );
  const days = Array.from({ length: Math.floor(weeks.days / 7) + 1 }, (_, week) => 7 * week).map(
    (day) =>
      `<path class="axis" d="M${x(24 * day)} ${BOTTOM}v5"/><text class="faint" x="${x(24 * day)}" y="${BOTTOM + 19}" font-size="12" text-anchor="middle">${day}</text>`,
  );
  const strike =
    weeks.strikeDay === null
      ? ''
      : `<text class="faint" x="${x(24 * weeks.strikeDay + 12)}" y="${y(0) - 6}" font-size="12" text-anchor="middle">strike</text>`;
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${HEIGHT}" role="img" aria-labelledby="title" font-family="system-ui, sans-serif">
<title id="title">Numbers rented over ${weeks.days} simulated days, with static marks and with the forecast</title>
<style>
  .paper { fill: #ffffff } .ink { fill: #1f2328 } .faint { fill: #59636e } .grid { stroke: #d1d9e0 } .axis { stroke: #59636e }
  .curve { fill: none; stroke-width: 2.5; stroke-linejoin: round }
  .marks { stroke: #bc4c00 } .forecast { stroke: #0969da } .held { stroke: #59636e; stroke-width: 1 }
  @media (prefers-color-scheme: dark) {
    .paper { fill: #0d1117 } .ink { fill: #f0f6fc } .faint { fill: #9198a1 } .grid { stroke: #30363d } .axis { stroke: #9198a1 }
    .marks { stroke: #f0883e } .forecast { stroke: #58a6ff } .held { stroke: #9198a1 }
  }
</style>
<rect class="paper" width="${WIDTH}" height="${HEIGHT}"/>
<text class="ink" x="24" y="32" font-size="20" font-weight="600">${weeks.days} days with growth and a strike: numbers rented and numbers held</text>
${[...legend, ...grid, `<path class="axis" d="M${LEFT} ${BOTTOM}H${WIDTH - RIGHT}"/>`, ...days].join('\n')}
${curve('held', held)}
${curve('marks', rented(safeMarks))}
${curve('forecast', rented(forecast))}
${strike}
<text class="faint" x="${(LEFT + WIDTH - RIGHT) / 2}" y="${HEIGHT - 10}" font-size="13" text-anchor="middle">day</text>
</svg>
`;
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}
