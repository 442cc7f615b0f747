import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

/**
 * Returns memory that a large piece of work has left as garbage. V8 by itself keeps it until the process needs as much
 * again. In Node 24, V8 also keeps the pages that a collection empties, except of the flavor `last-resort`. Pauses the
 * process for some tens of milliseconds.
 */
export async function collectGarbage(): Promise<void> {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as (options: GarbageCollection) => Promise<void>;
  await collect({ type: 'major', flavor: 'last-resort', execution: 'async' });
}

/** https://github.com/v8/v8/blob/main/src/extensions/gc-extension.cc */
interface GarbageCollection {
  readonly type: 'major';
  readonly flavor: 'last-resort';
  readonly execution: 'async';
}
