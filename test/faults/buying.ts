import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';

/** A process of `buying-process.ts`. */
export interface Buying {
  readonly child: ChildProcess;
  readonly ready: Promise<unknown>;
}

/** @param applications how many share the rounds, with connections for five each */
export function startBuying(databaseUrl: string, exchangeUrl: string, applications = 1): Buying {
  const given = [databaseUrl, exchangeUrl, String(applications)];
  const child = fork('dist/test/faults/buying-process.js', given, { execArgv: [] });
  return { child, ready: once(child, 'message') };
}

export async function kill({ child }: Buying): Promise<void> {
  const gone = once(child, 'exit');
  child.kill('SIGKILL');
  await gone;
}
