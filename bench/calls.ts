import type { AppReady, Memory } from './app-process.js';
import type { BareEnvironment } from './bare-process.js';
import type { Calling, CallersEnvironment, Way } from './callers-process.js';
import type { Figures } from './latencies.js';
import type { Results } from './report.js';
import { decisions } from './scripts.js';
import type { Stage } from './stage.js';
import { HOOK_SECRET, makePins } from './world.js';

const HTTP_CONNECTIONS = 32;
/** The number of connections that the application opens to the database; pgbench has as many clients. */
const DATABASE_CONNECTIONS = 16;
const EXPECTED = 0.7;

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

  const connections = HTTP_CONNECTIONS;
  const asked = (path: string, way: Way) => ({ port: appPort, path, way, connections });
  const hook = asked(`/hooks/exotel/${HOOK_SECRET}/connect`, 'connect');
  const byPin = asked(`/hooks/exotel/${HOOK_SECRET}/connect-pin`, 'pin');
  const explain = (way: Way) => asked('/v1/routing/explain', way);
  const barely = (path: string) => ({ port: barePort, path, way: 'bare' as const, connections });
  const [recorded, lookedUp] = await Promise.all(
    [true, false].map((recorded) =>
      decisions(databaseUrl, { recorded, clients: DATABASE_CONNECTIONS, seconds: plan.seconds }),
    ),
  );
  for (const calling of [hook, barely('/recorded'), barely('/looked-up'), byPin, explain('explain')]) {
    stage.progress.say('warming up');
    await callers.ask({ ...calling, seconds: plan.warmUpSeconds });
  }
  const call = (calling: Omit<Calling, 'seconds'>) => () => callers.ask({ ...calling, seconds: plan.seconds });
  const contests = await stage.contests([
    {
      work: `Calls decided and recorded, ${connections} connections`,
      expected: EXPECTED,
      contestants: {
        'the app, GET /hooks/exotel/…/connect': call(hook),
        'bare Fastify + pg': call(barely('/recorded')),
        ...stage.inPgbench(recorded!),
      },
    },
    {
      work: 'Calls looked up, not recorded',
      contestants: { 'bare Fastify + pg': call(barely('/looked-up')), ...stage.inPgbench(lookedUp!) },
    },
    {
      work: 'Beside them, in the app',
      contestants: {
        'a known phone': call(hook),
        'a right PIN, GET …/connect-pin': call(byPin),
        'why, POST /v1/routing/explain': call(explain('explain')),
        'why, half an hour ago': call(explain({ explainMinutesAgo: 30 })),
      },
    },
  ]);
  const memory = { started, afterLoad: await app.ask({}) };
  for (const child of [app, bare, callers]) await child.stop();
  return { contests, memory };
}
