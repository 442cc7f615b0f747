import type { AppReady, Memory } from './app-process.js';
import type { Calling, CallersEnvironment } from './callers-process.js';
import { bringEvents } from './events.js';
import type { Figures } from './latencies.js';
import type { Results } from './report.js';
import type { Stage } from './stage.js';
import { HOOK_SECRET } from './world.js';

const CONNECTIONS = 64;

/** Measures one to several processes with ROLE=api, which decide calls, and with ROLE=worker, which apply events. */
export async function processes(stage: Stage): Promise<Pick<Results, 'contests'>> {
  return { contests: [...(await apis(stage)), ...(await workers(stage))] };
}

async function apis(stage: Stage): Promise<Results['contests']> {
  const { plan } = stage;
  const counts = countsUpTo(plan.processes);
  const started = [];
  for (const count of counts) {
    started.push(await stage.start<AppReady, object, Memory>('./app-process.js', stage.appEnvironment(`api-${count}`)));
  }
  const environment = { size: plan.size } satisfies CallersEnvironment;
  const [callers] = await stage.start<object, Calling, Figures>('./callers-process.js', environment);
  const ports = started.map(([, { port }]) => port);
  const calling = (count: number) => ({
    ports: ports.slice(0, count),
    path: `/hooks/exotel/${HOOK_SECRET}/connect`,
    way: 'connect' as const,
    connections: CONNECTIONS,
  });
  stage.progress.say('warming up');
  await callers.ask({ ...calling(plan.processes), seconds: plan.warmUpSeconds });
  const contests = await stage.contests([
    {
      work: `Calls decided and recorded by several api processes, ${CONNECTIONS} connections`,
      contestants: Object.fromEntries(
        counts.map((count) => [named(count), () => callers.ask({ ...calling(count), seconds: plan.seconds })]),
      ),
    },
  ]);
  for (const [child] of started) await child.stop();
  await callers.stop();
  return contests;
}

async function workers(stage: Stage): Promise<Results['contests']> {
  const [api, { port }] = await stage.start<AppReady, object, Memory>(
    './app-process.js',
    stage.appEnvironment('processes-api'),
  );
  let round = 0;
  const applied = (count: number) => async () => {
    const started = [];
    for (let worker = 1; worker <= count; worker += 1) {
      const environment = stage.appEnvironment(`worker-${worker}`, 'worker');
      started.push(await stage.start<AppReady, object, Memory>('./app-process.js', environment));
    }
    round += 1;
    const figures = (await bringEvents(stage, port, `several-${round}`, round)).applied;
    for (const [child] of started) await child.stop();
    return figures;
  };
  const contests = await stage.contests([
    {
      work: 'Events applied by several worker processes',
      contestants: Object.fromEntries(countsUpTo(stage.plan.processes).map((count) => [named(count), applied(count)])),
    },
  ]);
  await api.stop();
  return contests;
}

const countsUpTo = (most: number) => Array.from({ length: most }, (_, index) => index + 1);
const named = (count: number) => `${count} process${count === 1 ? '' : 'es'}`;
