import { readInstant } from '../../../src/platform/http/instant.js';
import { API_KEY, numbers, TestApp } from '../../support/app.js';

describe('an instant', () => {
  it.each([
    ['2026-11-29T11:00:00Z', '2026-11-29T11:00:00.000Z'],
    ['2026-11-29t11:00:00z', '2026-11-29T11:00:00.000Z'],
    ['2026-11-29T11:00Z', '2026-11-29T11:00:00.000Z'],
    ['2026-11-29T11:00:00.123456Z', '2026-11-29T11:00:00.123Z'],
    ['2026-11-29T11:00:00+05:30', '2026-11-29T05:30:00.000Z'],
    ['2026-11-29T11:00:00+0530', '2026-11-29T05:30:00.000Z'],
    ['2026-11-29T11:00:00 05:30', '2026-11-29T05:30:00.000Z'], // a plus in a query string
    ['2026-11-29T11:00:00-08:00', '2026-11-29T19:00:00.000Z'],
  ])('is read with its zone, %s', (text, instant) => {
    expect(readInstant(text)?.toISOString()).toBe(instant);
  });
});

const WITHOUT_A_ZONE = ['2026-11-29 11:00', '2026-11-29T11:00:00', '2026-11-29', '2026-11-29T11:00', '20261129T110000'];
const NO_INSTANTS = [
  '2026-02-30T00:00:00Z',
  '2026-11-29T25:00:00Z',
  '2026-13-01T00:00:00Z',
  'yesterday',
  '1764414000',
  '',
];

describe('a time without a zone', () => {
  let maskline: TestApp;
  let number: string;
  beforeAll(async () => {
    maskline = await TestApp.start();
    [number] = numbers(1) as [string];
    await maskline.pool({}, [number]);
  });
  afterAll(() => maskline?.stop());

  const doors: Record<string, (time: string) => Promise<string>> = {
    'an explanation': async (at) => {
      const { status, body } = await maskline.api('POST', '/v1/routing/explain', { from: 'anonymous', to: number, at });
      return status === 400 ? body.detail : `${status}`;
    },
    'whom a number served': async (at) => {
      const { status, body } = await maskline.api('GET', `/v1/numbers/${number}/served?at=${encodeURIComponent(at)}`);
      return status === 400 ? body.detail : `${status}`;
    },
    'an event': async (time) => {
      const event = { specversion: '1.0', source: 'a-clock', id: time, type: 'order.completed', time };
      await maskline.request(
        'POST',
        '/v1/events',
        { authorization: `Bearer ${API_KEY}`, 'content-type': 'application/cloudevents-batch+json' },
        JSON.stringify([{ ...event, data: { reference: 'an-order' } }]),
      );
      const { events } = (await maskline.api('GET', '/v1/events/rejected?limit=100')).body;
      return events.find(({ id }: { id: string }) => id === time)?.reason ?? 'not rejected';
    },
  };

  for (const [door, send] of Object.entries(doors)) {
    it(`is refused by ${door}, which names the field and the rule`, async () => {
      for (const time of [...WITHOUT_A_ZONE, ...NO_INSTANTS].filter((one) => one !== '')) {
        expect([time, await send(time)]).toEqual([
          time,
          expect.stringMatching(/^(at|time) (must be|is not) an instant with its zone, as in 2026-11-22T06:00:00Z/),
        ]);
      }
    });
  }
});
