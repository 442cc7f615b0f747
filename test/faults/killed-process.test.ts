import { vi } from 'vitest';

import { aFolder, query } from '../platform/embedded/support.js';
import { freshDatabase, type FreshDatabase } from '../support/database.js';
import { DatabaseLine } from '../support/database-line.js';
import { connectCall, type ConnectAnswer } from '../support/exotel-connect.js';
import { Steadily } from '../support/steadily.js';
import {
  aCallId,
  anyOf,
  apiSettings,
  hooksAt,
  replicated,
  somePeople,
  type Person,
} from '../installation/api-processes.js';
import { cleanUpStarted, LONG_MS, send, start, until, type Started } from '../installation/started.js';

const ALL = process.env['FAULTS'] === 'all';
const CALLS_A_SECOND = ALL ? 200 : 20;
/** After each step of the story, at least so many calls are answered. */
const CALLS_A_STEP = ALL ? 1_000 : 30;

vi.setConfig({ testTimeout: LONG_MS, hookTimeout: LONG_MS });

interface Call {
  readonly id: string;
  readonly by: Person;
  /** The process that answered; null = none did. */
  readonly answeredBy: Started | null;
  readonly rang: string | null;
}

let database: FreshDatabase;
let line: DatabaseLine;
/** Two processes of one host. They share a replica and a journal. */
let killed: Started;
let kept: Started;
let people: Person[];
let calls: Steadily<Call> | undefined;

beforeAll(async () => {
  database = await freshDatabase({ lockTimeoutMs: 5_000 });
  line = await DatabaseLine.to(database.url);
  const [env, dataDir] = [apiSettings(line.url), await aFolder()];
  [killed, kept] = [await start({ env, dataDir }), await start({ env, dataDir })];
  await Promise.all([killed.isReady(), kept.isReady()]);
  people = await somePeople(kept, 20);
  for (const api of [killed, kept]) await replicated(api);
});
afterAll(async () => {
  await calls?.stop();
  line?.mend();
  await line?.accept();
  await cleanUpStarted();
  line?.close();
  await database?.drop();
});

it.each([
  ['is silent', async () => line.silence(), async () => line.mend()],
  ['refuses connections', async () => line.refuse(), async () => line.accept()],
])(
  'a process that is killed and started again while the database %s decides calls from the disk of its host',
  async (_, begin, end) => {
    calls = new Steadily(CALLS_A_SECOND, place);
    await someCalls(() => true);
    await begin();
    for (const api of [killed, kept]) await until(async () => (await status(api)) === 'degraded' || null);
    await someCalls(({ answeredBy }) => answeredBy === killed);

    await killed.stop('SIGKILL');
    await someCalls(({ answeredBy }) => answeredBy === kept);
    killed = await start({ env: killed.env as Record<string, string>, dataDir: killed.env.DATA_DIR });
    await someCalls(({ answeredBy }) => answeredBy === killed);
    expect(await status(killed)).toBe('degraded');
    expect(await killed.metric('maskline_call_decisions_total', 'source="database"')).toBeNull();
    expect(await killed.metric('maskline_call_decisions_total', 'source="replica"')).toBeGreaterThan(0);
    expect(await killed.metric('maskline_journal_pending')).toBeGreaterThan(0);

    await end();
    for (const api of [killed, kept]) await until(async () => (await status(api)) === 'ready' || null);
    await someCalls(() => true);
    await calls.stop();
    for (const api of [killed, kept]) {
      await until(async () => (await api.metric('maskline_journal_pending')) === 0 || null);
    }

    expect(calls.done.filter(({ by, rang }) => rang !== by.reaches)).toEqual([]);
    const recorded = (await query(
      database.url,
      `SELECT provider_call_id AS id, decision, (SELECT count(*)::integer FROM jsonb_object_keys(steps)) AS steps
       FROM interactions`,
    )) as { id: string; decision: string; steps: number }[];
    const byId = new Map(recorded.map((one) => [one.id, one]));
    for (const { id } of calls.done) expect(byId.get(id)).toEqual({ id, decision: 'connect', steps: 1 });
  },
);

/** Asks one of the two processes, and the other one if that one does not answer, as a proxy does. */
async function place(): Promise<Call> {
  const [by, id] = [anyOf(people), aCallId()];
  const first = anyOf([killed, kept]);
  const asked: Started[] = [first, first === killed ? kept : killed];
  for (const api of asked) {
    const answer = await ask(api, id, by);
    if (answer) return { id, by, answeredBy: api, rang: answer.rang };
  }
  return { id, by, answeredBy: null, rang: null };
}

async function ask(api: Started, id: string, { phone: from, dials: to }: Person): Promise<ConnectAnswer | null> {
  return connectCall(hooksAt(api.url), { id, from, to }).catch(() => null);
}

/** Waits for so many more calls of a kind. */
async function someCalls(ofKind: (call: Call) => boolean): Promise<void> {
  const before = calls!.done.length;
  await until(async () => calls!.done.slice(before).filter(ofKind).length >= CALLS_A_STEP || null);
}

async function status(api: Started): Promise<string | undefined> {
  const answer = await send<{ status?: string }>(`${api.url}/health/ready`).catch(() => null);
  return answer?.body?.status;
}
