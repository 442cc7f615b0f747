import { readFileSync } from 'node:fs';

/** PID files of the PostgreSQL servers that this process started or took over. */
const pidFiles = new Set<string>();

/**
 * @param pidFile its first line is the server's process id
 * @returns a function that forgets the server once it has stopped
 */
export function rememberServer(pidFile: string): () => void {
  pidFiles.add(pidFile);
  return () => void pidFiles.delete(pidFile);
}

/**
 * Ends the servers of this process, which is about to exit without waiting. SIGQUIT is PostgreSQL's immediate shutdown;
 * the next start recovers from the write-ahead log.
 */
export function endServersAtOnce(): void {
  for (const pidFile of pidFiles) {
    try {
      const pid = Number(readFileSync(pidFile, 'utf8').split('\n')[0]);
      if (pid > 0) process.kill(pid, 'SIGQUIT');
    } catch {
      // it has already stopped
    }
  }
}
