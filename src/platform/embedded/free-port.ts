import { createServer } from 'node:net';

/** A TCP port that was free a moment ago. Another program may take it, so the caller must retry. */
export async function freePort(host: string): Promise<number> {
  return listenOnce(0, host);
}

/** Whether a program listens on `host` and `port`. Rejects if the port may not be used at all. */
export async function portIsTaken(port: number, host: string): Promise<boolean> {
  return listenOnce(port, host).then(
    () => false,
    (error: NodeJS.ErrnoException) => {
      if (error.code === 'EADDRINUSE') return true;
      throw error;
    },
  );
}

function listenOnce(port: number, host: string): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen({ port, host, exclusive: true }, () => {
      const address = server.address();
      server.close(() => resolve(typeof address === 'object' && address ? address.port : port));
    });
  });
}
