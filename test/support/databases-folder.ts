import { statfsSync } from 'node:fs';
import { tmpdir } from 'node:os';

const MEMORY = '/dev/shm';
/** A whole run needs less than a quarter of it. */
const ENOUGH_BYTES = 4 * 1024 ** 3;

/** Where tests keep databases: in memory if there is enough, because a disk takes longer to create their files. */
export function databasesFolder(): string {
  try {
    const { bavail, bsize } = statfsSync(MEMORY);
    return bavail * bsize >= ENOUGH_BYTES ? MEMORY : tmpdir();
  } catch {
    return tmpdir(); // not Linux
  }
}
