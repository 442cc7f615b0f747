import { Table } from '@mantine/core';

import type { Schemas } from '../api/client';
import { Time } from '../parts/time';
import { text } from '../strings';

const words = text.overview;
const WIDTH = 320;
const HEIGHT = 90;

interface Props {
  readonly forecast: Schemas['ForecastResponse'];
  /** Whether it has the page to itself. */
  readonly isLarge?: boolean;
}

/** The numbers needed in each quarter hour of the lead time, and those that the pool owns and will get. */
export function NeedChart({ forecast, isLarge = false }: Props) {
  const { quarters, owned, coming, hardest } = forecast;
  const most = Math.max(owned + coming, ...quarters.map(({ numbers }) => numbers), 1) * 1.1;
  const x = (place: number) => (place / (quarters.length - 1)) * WIDTH;
  const y = (numbers: number) => HEIGHT - (numbers / most) * HEIGHT;
  const line = quarters.map(({ numbers }, place) => `${x(place).toFixed(1)},${y(numbers).toFixed(1)}`).join(' ');
  const [first, last] = [quarters[0]!, quarters.at(-1)!];
  return (
    <figure className={isLarge ? 'chart large' : 'chart'}>
      <svg
        viewBox={`0 0 ${WIDTH} ${HEIGHT}`}
        preserveAspectRatio="none"
        role="img"
        aria-label={words.chartInWords(owned, coming, hardest?.numbers ?? 0)}
      >
        <polygon className="need-area" points={`0,${HEIGHT} ${line} ${WIDTH},${HEIGHT}`} />
        <polyline className="need" points={line} />
        <line className="owned" x1="0" x2={WIDTH} y1={y(owned)} y2={y(owned)} />
        {coming > 0 && <line className="coming" x1="0" x2={WIDTH} y1={y(owned + coming)} y2={y(owned + coming)} />}
      </svg>
      <figcaption className="quiet">
        <span>
          <Time at={first.quarter} /> – <Time at={last.quarter} />
        </span>
        <span className="legend need-key">
          {words.needed}
          {hardest && ` (${words.atMost(hardest.numbers)})`}
        </span>
        <span className="legend owned-key">
          {words.owned} ({owned})
        </span>
        {coming > 0 && (
          <span className="legend coming-key">
            {words.withComing} ({owned + coming})
          </span>
        )}
      </figcaption>
      <details>
        <summary>{words.asTable}</summary>
        <NeedTable quarters={quarters} owned={owned} />
      </details>
    </figure>
  );
}

function NeedTable({ quarters, owned }: Pick<Schemas['ForecastResponse'], 'quarters' | 'owned'>) {
  return (
    <div className="table" tabIndex={0} role="group" aria-label={words.needTable}>
      <Table>
        <Table.Thead>
          <Table.Tr>
            <Table.Th>{words.quarter}</Table.Th>
            <Table.Th ta="right">{words.overlap}</Table.Th>
            <Table.Th ta="right">{words.needed}</Table.Th>
            <Table.Th ta="right">{words.owned}</Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {quarters.map(({ quarter, overlap, numbers }) => (
            <Table.Tr key={quarter}>
              <Table.Td>
                <Time at={quarter} />
              </Table.Td>
              <Table.Td ta="right">{overlap}</Table.Td>
              <Table.Td ta="right">{numbers}</Table.Td>
              <Table.Td ta="right">{owned}</Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </div>
  );
}
