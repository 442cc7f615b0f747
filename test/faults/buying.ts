import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';

/** A process of `buying-process.ts`. */
export interface Buying {
  readonly child: ChildProcess;
  readonly ready: Promise<unknown>;
}

export function startBuying(databaseUrl: string, exchangeUrl: string): Buying {
  const child = fork('dist/test/faults/buying-process.js', [databaseUrl, exchangeUrl], { execArgv: [] });
  return { child, ready: once(child, 'message') };
}

export async function kill({ child }: Buying): Promise<void> {
  const gone = once(child, 'exit');
  child.kill('SIGKILL');
  await gone;
}
