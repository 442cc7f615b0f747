import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';

/** A message of PostgreSQL's protocol: its type, its length, its content. */
const READY_FOR_QUERY = 'Z';

/**
 * A proxy to PostgreSQL that can refuse connections, as a server that has stopped does. It can also fall silent: it still
 * accepts connections and bytes, but nothing comes back. The same happens behind a firewall that has dropped a
 * connection, or during a failover.
 */
export class DatabaseLine {
  /** The first bytes of each connection. */
  readonly startUps: string[] = [];
  /** After this many answers, the server ends each new connection in the packet of the last one; null = never. */
  endAfterAnswers: number | null = null;
  /** A connection falls silent when the client sends this; null = never. */
  silentAt: string | null = null;
  private isSilent = false;
  private port = 0;
  private generation = 0;
  private readonly sockets = new Set<Socket>();

  private constructor(
    private database: URL,
    private readonly server: Server,
  ) {
    server.on('connection', (socket: Socket) => this.pass(socket));
  }

  static async to(databaseUrl: string): Promise<DatabaseLine> {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return new DatabaseLine(new URL(databaseUrl), server);
  }

  get url(): string {
    const url = new URL(this.database);
    url.port = String(this.server.listening ? this.listeningAt() : this.port);
    return url.href;
  }

  private listeningAt(): number {
    return (this.server.address() as AddressInfo).port;
  }

  /** New connections go to a server on another port. */
  leadTo(databaseUrl: string): void {
    this.database = new URL(databaseUrl);
  }

  /** Silences the connections that are open now; new ones work. */
  silenceOpen(): void {
    this.generation += 1;
  }

  /** Silences open and new connections. */
  silence(): void {
    this.generation += 1;
    this.isSilent = true;
  }

  /** Ends open connections, and accepts no new ones. */
  async refuse(): Promise<void> {
    if (!this.server.listening) return;
    this.port = this.listeningAt();
    const closed = new Promise<void>((resolve) => this.server.close(() => resolve()));
    for (const socket of this.sockets) socket.destroy();
    await closed;
  }

  /** New connections work again. */
  mend(): void {
    this.isSilent = false;
  }

  /** Accepts connections again, on the same port. */
  async accept(): Promise<void> {
    if (this.server.listening) return;
    await new Promise<void>((resolve) => this.server.listen(this.port, '127.0.0.1', resolve));
  }

  close(): void {
    for (const socket of this.sockets) socket.destroy();
    this.server.close();
  }

  private pass(socket: Socket): void {
    this.keep(socket);
    if (this.isSilent) return void socket.resume();
    let { generation } = this;
    const upstream = this.keep(connect(Number(this.database.port), this.database.hostname));
    socket.once('data', (bytes) => this.startUps.push(bytes.toString('latin1')));
    socket.on('data', (bytes) => {
      if (this.silentAt !== null && bytes.includes(this.silentAt)) generation = NaN;
      if (generation === this.generation) upstream.write(bytes);
    });
    socket.on('close', () => upstream.destroy());
    let answers = 0;
    upstream.on('data', (bytes) => {
      if (generation !== this.generation) return;
      answers += countAnswers(bytes);
      if (this.endAfterAnswers === null || answers < this.endAfterAnswers) return void socket.write(bytes);
      socket.end(Buffer.concat([bytes, TERMINATED]));
    });
    upstream.on('close', () => generation === this.generation && socket.destroySoon());
  }

  private keep(socket: Socket): Socket {
    this.sockets.add(socket.on('error', () => undefined));
    return socket.on('close', () => this.sockets.delete(socket));
  }
}

/** Sufficient for small answers, each of which comes in one packet. */
function countAnswers(bytes: Buffer): number {
  let answers = 0;
  for (let at = 0; at + 5 <= bytes.length; at += 1 + bytes.readUInt32BE(at + 1)) {
    if (String.fromCharCode(bytes[at]!) === READY_FOR_QUERY) answers += 1;
  }
  return answers;
}

/** The message of a server when an administrator ends a connection. */
const TERMINATED = errorResponse('FATAL', '57P01', 'terminating connection due to administrator command');

function errorResponse(severity: string, code: string, message: string): Buffer {
  const fields = Buffer.from(`S${severity}\0V${severity}\0C${code}\0M${message}\0\0`);
  const head = Buffer.alloc(5);
  head.write('E');
  head.writeUInt32BE(fields.length + 4, 1);
  return Buffer.concat([head, fields]);
}
