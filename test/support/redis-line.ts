import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';

/** A proxy to Redis that can be cut: it still accepts connections and bytes, but nothing comes back. */
export class RedisLine {
  /** How many connections there were. */
  connections = 0;
  private isCut = false;
  private readonly sockets: Socket[] = [];

  private constructor(
    private redis: URL,
    private readonly server: Server,
  ) {
    server.on('connection', (socket: Socket) => this.pass(socket));
  }

  static async to(redisUrl: string): Promise<RedisLine> {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return new RedisLine(new URL(redisUrl), server);
  }

  get url(): string {
    const url = new URL(this.redis);
    url.port = String((this.server.address() as AddressInfo).port);
    return url.href;
  }

  /** New connections go to another server than before; those there are stay where they are. */
  leadTo(redisUrl: string): void {
    this.redis = new URL(redisUrl);
  }

  cut(): void {
    this.isCut = true;
  }

  /** Clients of the dead connection must reconnect, as when TCP gives up. */
  mend(): void {
    this.isCut = false;
    this.hangUp();
  }

  /** New connections work. Open ones stay silent without an error, as when a firewall drops them. */
  forget(): void {
    this.isCut = false;
    for (const socket of this.sockets) socket.removeAllListeners('data').resume();
  }

  hangUp(): void {
    for (const socket of this.sockets.splice(0)) socket.destroy();
  }

  close(): void {
    this.hangUp();
    this.server.close();
  }

  private pass(socket: Socket): void {
    this.connections += 1;
    this.keep(socket);
    if (this.isCut) return void socket.resume();
    const upstream = this.keep(connect(Number(this.redis.port), this.redis.hostname));
    socket.on('data', (bytes) => !this.isCut && upstream.write(bytes));
    upstream.on('data', (bytes) => !this.isCut && socket.write(bytes));
    upstream.on('close', () => !this.isCut && socket.destroy());
    socket.on('close', () => upstream.destroy());
  }

  private keep(socket: Socket): Socket {
    this.sockets.push(socket.on('error', () => undefined));
    return socket;
  }
}
