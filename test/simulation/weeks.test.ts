import { drawWeeks } from '../../simulation/weeks-picture.js';
import { keptItsPromise, weeksAsTable } from '../../simulation/weeks-report.js';
import { HAMLET, liveWeeks, TOWN } from '../../simulation/weeks.js';
import { freshDatabase } from '../support/database.js';

it('a hamlet’s pool with the forecast lets no order wait, from its history on', async () => {
  const database = await freshDatabase({ lockTimeoutMs: 10_000 });
  try {
    const results = await liveWeeks({ weeks: HAMLET, databaseUrl: database.url, progress: () => undefined });
    expect(results.forecast).toMatchObject({ dryMinutes: 0, waited: 0 });
    expect(results.safeMarks.dryMinutes).toBe(0);
    expect(results.lowerMarks.dryMinutes).toBeGreaterThan(0);
    expect(results.forecast.samples).toHaveLength(24);
    expect(keptItsPromise(results)).toBe(true);
    expect(weeksAsTable(results, 'npm run simulate -- weeks')).toContain('minutes dry');
    expect(drawWeeks(results)).toContain('</svg>');
  } finally {
    await database.drop();
  }
}, 300_000);

it('a forecast that lets an order wait, or costs more than safe marks, has not kept its promise', () => {
  const outcome = (dryMinutes: number, numberDays: number) => ({
    name: 'one',
    dryMinutes,
    waited: 0,
    most: 0,
    mean: 0,
    numberDays,
    bought: 0,
    givenBack: 0,
    samples: [],
  });
  const results = { weeks: TOWN, orders: 0, wallSeconds: 0, safeMarks: outcome(0, 100), lowerMarks: outcome(9, 90) };
  expect(keptItsPromise({ ...results, forecast: outcome(0, 99) })).toBe(true);
  expect(keptItsPromise({ ...results, forecast: outcome(1, 99) })).toBe(false);
  expect(keptItsPromise({ ...results, forecast: outcome(0, 100) })).toBe(false);
});
