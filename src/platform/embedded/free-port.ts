import { createServer } from 'node:net';

/** A TCP port that was free a moment ago. Nothing keeps it free: whoever takes it must cope with having lost it. */
export async function freePort(host: string): Promise<number> {
  return listenOnce(0, host);
}

/** Whether something on this machine listens on `host` and `port`. Rejects when the port may not be tried at all. */
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
