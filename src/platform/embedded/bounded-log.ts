import { copyFile, rename, stat, truncate } from 'node:fs/promises';

const LOOKS_EVERY_MS = 10_000;
const LARGEST_BYTES = 20 * 2 ** 20;

export interface BoundedLog {
  /** Looks now. Never rejects: a log that cannot be moved goes on growing, and nothing else is affected. */
  look(): Promise<void>;
  stop(): void;
}

/**
 * Keeps a log file and the one before it, `<path>.1`, at about 20 MiB each. Looks every ten seconds.
 *
 * @param reopen makes the writer open the file again; null = another process writes it, and keeps it open to append. Its
 *   file is copied and emptied, which may lose the lines of an instant.
 */
export function boundLog(path: string, reopen: (() => void) | null, largestBytes = LARGEST_BYTES): BoundedLog {
  const move = async () => {
    const { size } = await stat(path);
    if (size < largestBytes) return;
    if (reopen === null) {
      await copyFile(path, `${path}.1`);
      await truncate(path);
    } else {
      await rename(path, `${path}.1`);
      reopen();
    }
  };
  const look = async () => move().catch(() => undefined);
  const timer = setInterval(() => void look(), LOOKS_EVERY_MS).unref();
  return { look, stop: () => clearInterval(timer) };
}
