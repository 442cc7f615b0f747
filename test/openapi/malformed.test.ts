import { API_KEY, numbers, TestApp } from '../support/app.js';
import { openApiDocument } from '../support/open-api-document.js';
import { MalformedRequests, PLANTED, type DescribedOperation, type MalformedRequest } from './malformed-requests.js';

/**
 * Sends requests that are made from the OpenAPI document and spoilt, to the whole application. OPENAPI_REQUESTS says how
 * many, OPENAPI_SEED repeats a run (npm run malformed).
 */
const REQUESTS = Number(process.env['OPENAPI_REQUESTS'] ?? 1_500);
const SEED = Number(process.env['OPENAPI_SEED'] ?? Date.now() % 0x7fffffff);

let app: TestApp;
let operations: DescribedOperation[];
let problems: string[];

beforeAll(async () => {
  app = await TestApp.start();
  const { paths, components } = await openApiDocument(app);
  problems = components.schemas.Problem.properties.type.enum;
  operations = Object.entries<Record<string, object>>(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({ ...operation, method: method.toUpperCase(), path })),
  ) as DescribedOperation[];
  operations = operations.filter(({ operationId }) => operationId !== 'streamChanges'); // its answer has no end
  await app.api('PATCH', '/v1/pools/default', { capacity: 100_000, lowWater: 0, target: 0 });
  await app.api('POST', '/v1/numbers/import', { pool: 'default', numbers: numbers(9).map((number) => ({ number })) });
  await app.order('order-1001', '+919000000001', '+919000000002');
});
afterAll(() => app?.stop());

/** What is wrong with the answer to a request; null = nothing. */
async function wrongWith({ method, path, headers, body }: MalformedRequest): Promise<string | null> {
  const answer = await app.request(method, path, headers, body);
  tally.set(answer.status, (tally.get(answer.status) ?? 0) + 1);
  if (answer.status >= 500) return `${answer.status} ${answer.text}`;
  if (answer.headers['x-request-id'] === undefined) return 'no request id';
  if (answer.status < 400) return null;
  const { type, status, title, detail } = answer.body ?? {};
  if (!String(answer.headers['content-type']).startsWith('application/problem+json'))
    return `no problem: ${answer.text}`;
  if (!problems.includes(type) || status !== answer.status || !title || !detail) return `undocumented: ${answer.text}`;
  slugs.add(type);
  const { reference = '', pool = '' } = answer.body; // names that clients gave to what exists; they may be anything
  const text = [reference, pool].reduce((rest, name) => (name === '' ? rest : rest.replaceAll(name, '')), answer.text);
  const digits = text.replace(/[\s().-]/g, '');
  return PLANTED.some((phone) => digits.includes(phone)) ? `tells a phone: ${answer.text}` : null;
}

const tally = new Map<number, number>();
const slugs = new Set<string>();

it(
  `of ${REQUESTS} malformed requests none breaks anything, and each is answered with a documented problem`,
  async () => {
    const requests = new MalformedRequests(operations, API_KEY, SEED);
    const asked = new Set<string>();
    for (let count = 0; count < REQUESTS; count += 1) {
      const request = requests.next();
      asked.add(request.operationId);
      const wrong = await wrongWith(request);
      if (wrong !== null)
        throw new Error(`OPENAPI_SEED=${SEED}, request ${count}: ${JSON.stringify(request)}\n${wrong}`);
    }
    const statuses = [...tally].toSorted().map(([status, times]) => `${status} ${times}`);
    process.stdout.write(`${REQUESTS} requests from seed ${SEED}: ${statuses.join(', ')}; ${slugs.size} problems\n`);
    // Requests that are all refused at the door, or all accepted, would prove nothing.
    expect(asked.size).toBe(operations.length);
    expect(tally.get(400)).toBeGreaterThan(REQUESTS / 10);
    expect([...tally].reduce((sum, [status, times]) => sum + (status < 300 ? times : 0), 0)).toBeGreaterThan(
      REQUESTS / 50,
    );
    expect(slugs.size).toBeGreaterThan(12);
  },
  120_000 + REQUESTS * 50,
);
