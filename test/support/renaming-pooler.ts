import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';

/** Added to the names of statements. */
export const RENAMED = 'POOLER_';

/**
 * Stands between a client and PostgreSQL as poolers do that support named statements, such as PgBouncer from version
 * 1.21: it gives statements names of its own, and tells clients a process of its own. Each client has a connection.
 */
export class RenamingPooler {
  private readonly sockets = new Set<Socket>();

  private constructor(
    private readonly database: URL,
    private readonly server: Server,
  ) {
    server.on('connection', (socket: Socket) => this.serve(socket));
  }

  static async to(databaseUrl: string): Promise<RenamingPooler> {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return new RenamingPooler(new URL(databaseUrl), server);
  }

  get url(): string {
    const url = new URL(this.database);
    url.port = String((this.server.address() as AddressInfo).port);
    return url.href;
  }

  close(): void {
    for (const socket of this.sockets) socket.destroy();
    this.server.close();
  }

  private serve(client: Socket): void {
    const upstream = connect(Number(this.database.port), this.database.hostname);
    const requests = new Messages(true);
    const answers = new Messages(false);
    client.on('data', (bytes) => {
      for (const message of requests.take(bytes)) upstream.write(renamed(message));
    });
    upstream.on('data', (bytes) => {
      for (const message of answers.take(bytes)) client.write(withOwnProcess(message));
    });
    for (const [one, other] of [
      [client, upstream],
      [upstream, client],
    ] as const) {
      this.sockets.add(one.on('error', () => undefined).on('close', () => other.destroy()));
    }
  }
}

/** Splits a stream of PostgreSQL's protocol into messages. The first one of a client has no type. */
class Messages {
  private rest = Buffer.alloc(0);

  constructor(private isFirst: boolean) {}

  *take(bytes: Buffer): Generator<Buffer> {
    this.rest = Buffer.concat([this.rest, bytes]);
    for (;;) {
      const typeBytes = this.isFirst ? 0 : 1;
      if (this.rest.length < typeBytes + 4) return;
      const length = typeBytes + this.rest.readUInt32BE(typeBytes);
      if (this.rest.length < length) return;
      yield this.rest.subarray(0, length);
      this.rest = this.rest.subarray(length);
      this.isFirst = false;
    }
  }
}

/** Parse begins with the name of the statement, Bind with that of the portal, Close with the kind of what it closes. */
function renamed(message: Buffer): Buffer {
  const type = String.fromCharCode(message[0]!);
  const at = type === 'P' ? 5 : type === 'B' ? message.indexOf(0, 5) + 1 : type === 'C' ? 6 : null;
  if (at === null || message[at] === 0 || (type === 'C' && message[5] !== 0x53)) return message;
  const changed = Buffer.concat([message.subarray(0, at), Buffer.from(RENAMED), message.subarray(at)]);
  changed.writeUInt32BE(changed.length - 1, 1);
  return changed;
}

function withOwnProcess(message: Buffer): Buffer {
  if (String.fromCharCode(message[0]!) !== 'K') return message;
  const changed = Buffer.from(message);
  changed.writeUInt32BE(message.readUInt32BE(5) + 1_000_000, 5);
  return changed;
}
