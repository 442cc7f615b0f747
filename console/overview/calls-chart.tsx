import { Table } from '@mantine/core';

import type { Schemas } from '../api/client';
import { ClockTime } from '../parts/time';
import { text } from '../strings';

const words = text.overview.calls;
const WIDTH = 300;
const HEIGHT = 80;
const KINDS = ['connected', 'refused', 'pinAsked'] as const;

/** The calls of each of the last minutes, by decision. */
export function CallsChart({ of: { minutes } }: { of: Schemas['CallsStatusResponse'] }) {
  const total = (kind: (typeof KINDS)[number]) => minutes.reduce((sum, minute) => sum + minute[kind], 0);
  const most = Math.max(...minutes.map((minute) => minute.connected + minute.refused + minute.pinAsked), 1);
  const width = WIDTH / minutes.length;
  return (
    <figure className="chart">
      <svg
        viewBox={`0 0 ${WIDTH} ${HEIGHT}`}
        preserveAspectRatio="none"
        role="img"
        aria-label={words.inWords(minutes.length, total('connected'), total('refused'), total('pinAsked'))}
      >
        {minutes.map((minute, place) => {
          let below = 0;
          return KINDS.map((kind) => {
            const height = (minute[kind] / most) * HEIGHT;
            below += height;
            const [x, y] = [place * width + width * 0.1, HEIGHT - below];
            return <rect key={`${kind} ${minute.minute}`} className={kind} {...{ x, y, height }} width={width * 0.8} />;
          });
        })}
        <line className="axis" x1="0" x2={WIDTH} y1={HEIGHT} y2={HEIGHT} />
      </svg>
      <figcaption className="quiet">
        <span>{words.span(minutes.length, most)}</span>
        {KINDS.map((kind) => (
          <span key={kind} className={`legend block ${kind}-key`}>
            {words.kinds[kind]} ({total(kind)})
          </span>
        ))}
      </figcaption>
      <details>
        <summary>{text.overview.asTable}</summary>
        <div className="table" tabIndex={0} role="group" aria-label={words.title}>
          <Table>
            <Table.Thead>
              <Table.Tr>
                <Table.Th>{words.minute}</Table.Th>
                {KINDS.map((kind) => (
                  <Table.Th key={kind} ta="right">
                    {words.kinds[kind]}
                  </Table.Th>
                ))}
              </Table.Tr>
            </Table.Thead>
            <Table.Tbody>
              {minutes.map((minute) => (
                <Table.Tr key={minute.minute}>
                  <Table.Td>
                    <ClockTime at={minute.minute} />
                  </Table.Td>
                  {KINDS.map((kind) => (
                    <Table.Td key={kind} ta="right">
                      {minute[kind]}
                    </Table.Td>
                  ))}
                </Table.Tr>
              ))}
            </Table.Tbody>
          </Table>
        </div>
      </details>
    </figure>
  );
}
