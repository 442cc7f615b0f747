import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export type Serve = (request: IncomingMessage, response: ServerResponse) => void;

/** A server of files that is none of the exchange's, and that knows what it was asked. */
export class PretendStore {
  readonly asked: { path: string; authorization: string | undefined }[] = [];
  private readonly served = new Map<string, Serve>();
  private readonly server = createServer((request, response) => {
    this.asked.push({ path: request.url!, authorization: request.headers.authorization });
    const serve = this.served.get(request.url!);
    if (serve) serve(request, response);
    else response.writeHead(404).end();
  });

  static async start(): Promise<PretendStore> {
    const store = new PretendStore();
    await new Promise<void>((resolve) => store.server.listen(0, '127.0.0.1', resolve));
    return store;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  /** @returns the address */
  put(path: string, serve: Serve): string {
    this.served.set(path, serve);
    return this.url + path;
  }

  putAudio(path: string, body: string | Buffer = 'la la la', type: string | null = 'audio/mpeg'): string {
    return this.put(path, (_request, response) => {
      response.writeHead(200, {
        'content-length': Buffer.byteLength(body),
        ...(type === null ? {} : { 'content-type': type }),
      });
      response.end(body);
    });
  }

  async stop(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
  }
}
