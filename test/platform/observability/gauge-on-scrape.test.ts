import { gaugeOnScrape } from '../../../src/platform/observability/gauge-on-scrape.js';
import { Metrics } from '../../../src/platform/observability/metrics.js';

it.each([[[]], [['pool']]])('a gauge with the labels %j has no value while none can be read', async (labelNames) => {
  const metrics = new Metrics();
  const labels = Object.fromEntries(labelNames.map((name) => [name, 'city']));
  let value: number | null = null;
  gaugeOnScrape(metrics, { name: 'some_gauge', help: 'A gauge', labelNames }, async () =>
    value === null ? [] : [{ labels, value }],
  );
  const scraped = async () => (await metrics.registry.metrics()).split('\n').filter((one) => /^some_gauge/.test(one));
  expect(await scraped()).toEqual([]);
  value = 7;
  expect(await scraped()).toEqual([expect.stringMatching(/ 7$/)]);
  value = null;
  expect(await scraped()).toEqual([]);
});
