import { connect, createServer, type AddressInfo, type Socket } from 'node:net';

/** A relay to the database. While it is cut, nothing comes back, as behind a firewall that drops packets. */
export class DatabaseLine {
  private readonly sockets = new Set<Socket>();
  private isCut = false;

  private constructor(
    private readonly database: URL,
    private readonly server = createServer(),
  ) {
    server.on('connection', (socket) => this.pass(socket));
  }

  static async to(databaseUrl: string): Promise<DatabaseLine> {
    const line = new DatabaseLine(new URL(databaseUrl));
    await new Promise<void>((resolve) => line.server.listen(0, '127.0.0.1', resolve));
    return line;
  }

  get url(): string {
    const url = new URL(this.database);
    url.port = String((this.server.address() as AddressInfo).port);
    return url.href;
  }

  cut(): void {
    this.isCut = true;
  }

  /** Connections from before the cut are closed. */
  mend(): void {
    this.isCut = false;
    for (const socket of this.sockets) socket.destroy();
  }

  close(): void {
    this.mend();
    this.server.close();
  }

  private pass(socket: Socket): void {
    this.keep(socket);
    const upstream = this.keep(connect(Number(this.database.port), this.database.hostname));
    // No pipe: it would resume by itself.
    socket.on('data', (bytes) => this.isCut || upstream.write(bytes)).on('close', () => upstream.destroy());
    upstream.on('data', (bytes) => this.isCut || socket.write(bytes)).on('close', () => socket.destroy());
  }

  private keep(socket: Socket): Socket {
    this.sockets.add(socket.on('error', () => undefined));
    return socket.setNoDelay(true).on('close', () => this.sockets.delete(socket));
  }
}
