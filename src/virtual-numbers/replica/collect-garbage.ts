import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

/**
 * Returns memory that a large piece of work has left as garbage. V8 by itself keeps it until the process needs as much
 * again. Pauses the process for some tens of milliseconds.
 */
export async function collectGarbage(): Promise<void> {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as (options: { type: 'major'; execution: 'async' }) => Promise<void>;
  await collect({ type: 'major', execution: 'async' });
}
