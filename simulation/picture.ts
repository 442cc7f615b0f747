import type { Outcome, Sample } from './outcome.js';

const WIDTH = 960;
const PANEL_HEIGHT = 230;
const LEFT = 78;
const RIGHT = 24;
const PANEL_TOPS = [92, 404] as const;
const HEIGHT = 706;

interface Curve {
  readonly name: string;
  readonly style: 'exclusive' | 'shared' | 'delta' | 'held';
  readonly value: (sample: Sample) => number;
}

interface Panel {
  readonly title: string;
  readonly curves: readonly Curve[];
}

const PANELS: readonly [Panel, Panel] = [
  {
    title: 'Exclusive pool: two numbers for each link',
    curves: [
      { name: 'open or in grace: numbers held', style: 'exclusive', value: ({ held }) => 2 * held },
      { name: 'open only', style: 'held', value: ({ live }) => 2 * live },
    ],
  },
  {
    title: 'Shared pool: the number tells links apart by who is calling',
    curves: [
      { name: 'numbers the shared pool has used', style: 'shared', value: ({ numbers }) => numbers },
      {
        name: 'Δ, the most links of one person: no pool can work with fewer numbers',
        style: 'delta',
        value: ({ delta }) => delta,
      },
    ],
  },
];

/**
 * Draws the numbers over the day in two panels with the same time axis, because they differ by hundreds. Readable on
 * light and dark backgrounds.
 */
export function draw(outcome: Outcome): string {
  const { samples, orders, agents, peakHeld, numbersUsed } = outcome;
  const figure = (value: number) => value.toLocaleString('en');
  const ratio = Math.round((2 * peakHeld) / numbersUsed);
  const lastHour = samples.at(-1)!.hour;
  const panels = PANELS.map((panel, index) => drawPanel(panel, PANEL_TOPS[index]!, samples, lastHour));
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${HEIGHT}" role="img" aria-labelledby="title" font-family="system-ui, sans-serif">
<title id="title">Virtual numbers over a simulated day: ${figure(2 * peakHeld)} with an exclusive pool, ${figure(numbersUsed)} with a shared one</title>
<style>
  .paper { fill: #ffffff } .ink { fill: #1f2328 } .faint { fill: #59636e } .grid { stroke: #d1d9e0 } .axis { stroke: #59636e }
  .curve { fill: none; stroke-width: 2.5; stroke-linejoin: round }
  .exclusive { stroke: #bc4c00 } .held { stroke: #bc4c00; stroke-dasharray: 2 4 } .shared { stroke: #0969da } .delta { stroke: #1a7f37; stroke-dasharray: 7 4 }
  @media (prefers-color-scheme: dark) {
    .paper { fill: #0d1117 } .ink { fill: #f0f6fc } .faint { fill: #9198a1 } .grid { stroke: #30363d } .axis { stroke: #9198a1 }
    .exclusive, .held { stroke: #f0883e } .shared { stroke: #58a6ff } .delta { stroke: #3fb950 }
  }
</style>
<rect class="paper" width="${WIDTH}" height="${HEIGHT}"/>
<text class="ink" x="24" y="32" font-size="20" font-weight="600">One day, ${figure(orders)} orders, ${figure(agents)} agents: ${figure(2 * peakHeld)} numbers or ${figure(numbersUsed)}</text>
<text class="faint" x="24" y="54" font-size="14">Exclusive allocation needs ${figure(ratio)} times the numbers of the shared pool, which uses as many as Δ and no more.</text>
${panels.join('\n')}
<text class="faint" x="${(LEFT + WIDTH - RIGHT) / 2}" y="${HEIGHT - 16}" font-size="13" text-anchor="middle">hour of the day</text>
</svg>
`;
}

function drawPanel({ title, curves }: Panel, top: number, samples: readonly Sample[], lastHour: number): string {
  const most = Math.max(1, ...samples.flatMap((sample) => curves.map(({ value }) => value(sample))));
  const ticks = ticksUpTo(most);
  const highest = ticks.at(-1)!;
  const bottom = top + PANEL_HEIGHT;
  const x = (hour: number) => round(LEFT + ((WIDTH - LEFT - RIGHT) * hour) / lastHour);
  const y = (value: number) => round(bottom - (PANEL_HEIGHT * value) / highest);
  const hours = Array.from({ length: 9 }, (_, index) => (lastHour * index) / 8);
  const grid = [
    ...ticks.map(
      (tick) =>
        `<path class="grid" d="M${LEFT} ${y(tick)}H${WIDTH - RIGHT}"/><text class="faint" x="${LEFT - 8}" y="${y(tick) + 4}" font-size="12" text-anchor="end">${tick.toLocaleString('en')}</text>`,
    ),
    ...hours.map(
      (hour) =>
        `<path class="axis" d="M${x(hour)} ${bottom}v5"/><text class="faint" x="${x(hour)}" y="${bottom + 19}" font-size="12" text-anchor="middle">${Math.round(hour)}</text>`,
    ),
  ];
  const legend = curves.map(({ name, style }, index) => {
    const at = top + 18 + 20 * index;
    return `<path class="curve ${style}" d="M${LEFT + 14} ${at}h30"/><text class="ink" x="${LEFT + 52}" y="${at + 4}" font-size="13">${name}</text>`;
  });
  const lines = curves.map(
    ({ style, value }) =>
      `<path class="curve ${style}" d="M${samples.map((sample) => `${x(sample.hour)} ${y(value(sample))}`).join('L')}"/>`,
  );
  return [
    `<text class="ink" x="${LEFT}" y="${top - 12}" font-size="14" font-weight="600">${title}</text>`,
    ...grid,
    `<path class="axis" d="M${LEFT} ${bottom}H${WIDTH - RIGHT}"/>`,
    ...lines,
    ...legend,
    `<text class="faint" transform="translate(20 ${top + PANEL_HEIGHT / 2}) rotate(-90)" font-size="13" text-anchor="middle">virtual numbers</text>`,
  ].join('\n');
}

/** Four to eight round values from 0 to the first one above `most`. */
function ticksUpTo(most: number): number[] {
  const magnitude = 10 ** Math.floor(Math.log10(most));
  const step = [0.2, 0.25, 0.5, 1, 2]
    .map((factor) => factor * magnitude)
    .find((size) => size >= 1 && most / size <= 6)!;
  return Array.from({ length: Math.ceil(most / step + 0.15) + 1 }, (_, index) => index * step);
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}
