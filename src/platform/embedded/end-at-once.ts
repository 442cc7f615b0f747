import { readFileSync } from 'node:fs';

/** A server that this process has started or taken over, and that would outlive it. */
export interface OwnServer {
  /** Its first line is the server's process id. */
  readonly pidFile: string;
  /** What ends it without waiting for its clients, and without losing what it has acknowledged. */
  readonly signal: NodeJS.Signals;
}

const servers = new Set<OwnServer>();

/** @returns forgets the server again, once it has stopped */
export function rememberServer(server: OwnServer): () => void {
  servers.add(server);
  return () => void servers.delete(server);
}

/** Ends the servers of this process, which is about to exit and waits for nothing. */
export function endServersAtOnce(): void {
  for (const { pidFile, signal } of servers) {
    try {
      const pid = Number(readFileSync(pidFile, 'utf8').split('\n')[0]);
      if (pid > 0) process.kill(pid, signal);
    } catch {
      // it has gone already
    }
  }
}
