import type { AppReady, Memory } from './app-process.js';
import type { BareEnvironment } from './bare-process.js';
import type { Calling, CallersEnvironment, Way } from './callers-process.js';
import type { Figures } from './latencies.js';
import type { Results } from './report.js';
import { decisions } from './scripts.js';
import type { Stage } from './stage.js';
import { HOOK_SECRET, makePins } from './world.js';

/** How many callers ask at the same time, each on a connection of its own, and the least ratio to the bare server. */
const CALLERS = [
  { connections: 1, expected: undefined },
  { connections: 32, expected: 1.5 },
  { connections: 128, expected: 2 },
] as const;
const USUAL_CONNECTIONS = 32;
/** Of the bare server; pgbench has as many clients. */
const DATABASE_CONNECTIONS = 16;
/** The least ratio of a right PIN's rate to that of a known phone. */
const EXPECTED_BY_PIN = 0.5;

/** Measures calls from the provider's request to the answer. */
export async function calls(stage: Stage): Promise<Pick<Results, 'contests' | 'memory'>> {
  const { databaseUrl, plan } = stage;
  stage.progress.say('making PINs');
  await makePins(databaseUrl, plan.size);
  const [app, { port: appPort }] = await stage.start<AppReady, object, Memory>(
    './app-process.js',
    stage.appEnvironment('calls'),
  );
  const started = await app.ask({});
  const [bare, { port: barePort }] = await stage.start<AppReady, never, object>('./bare-process.js', {
    databaseUrl,
    connections: DATABASE_CONNECTIONS,
  } satisfies BareEnvironment);
  const [callers] = await stage.start<object, Calling, Figures>('./callers-process.js', {
    size: plan.size,
  } satisfies CallersEnvironment);

  const asked = (path: string, way: Way, connections: number = USUAL_CONNECTIONS) => ({
    ports: [appPort],
    path,
    way,
    connections,
  });
  const hook = (connections?: number) => asked(`/hooks/exotel/${HOOK_SECRET}/connect`, 'connect', connections);
  const byPin = asked(`/hooks/exotel/${HOOK_SECRET}/connect-pin`, 'pin');
  const explain = (way: Way) => asked('/v1/routing/explain', way);
  const barely = (path: string, connections: number = USUAL_CONNECTIONS) => ({
    ports: [barePort],
    path,
    way: 'bare' as const,
    connections,
  });
  const [recorded, lookedUp] = await Promise.all(
    [true, false].map((recorded) =>
      decisions(databaseUrl, { recorded, clients: DATABASE_CONNECTIONS, seconds: plan.seconds }),
    ),
  );
  for (const calling of [hook(), barely('/recorded'), barely('/looked-up'), byPin, explain('explain')]) {
    stage.progress.say('warming up');
    await callers.ask({ ...calling, seconds: plan.warmUpSeconds });
  }
  const call = (calling: Omit<Calling, 'seconds'>) => () => callers.ask({ ...calling, seconds: plan.seconds });
  const contests = await stage.contests([
    ...CALLERS.map(({ connections, expected }) => ({
      work: `Calls decided and recorded, ${connections} connection${connections === 1 ? '' : 's'}`,
      expected,
      contestants: {
        'the app, GET /hooks/exotel/…/connect': call(hook(connections)),
        'bare Fastify + pg': call(barely('/recorded', connections)),
        ...(connections === USUAL_CONNECTIONS ? stage.inPgbench(recorded!) : {}),
      },
    })),
    {
      work: `Calls looked up, not recorded, ${USUAL_CONNECTIONS} connections`,
      contestants: { 'bare Fastify + pg': call(barely('/looked-up')), ...stage.inPgbench(lookedUp!) },
    },
    {
      work: `By PIN, ${USUAL_CONNECTIONS} connections`,
      expected: EXPECTED_BY_PIN,
      contestants: { 'a right PIN, GET …/connect-pin': call(byPin), 'a known phone, GET …/connect': call(hook()) },
    },
    {
      work: `Explained, ${USUAL_CONNECTIONS} connections`,
      contestants: {
        'why, POST /v1/routing/explain': call(explain('explain')),
        'why, half an hour ago': call(explain({ explainMinutesAgo: 30 })),
        'a known phone': call(hook()),
      },
    },
  ]);
  const memory = [{ app: 'the app', started, afterCalls: await app.ask({}) }];
  for (const child of [app, bare, callers]) await child.stop();
  return { contests, memory };
}
