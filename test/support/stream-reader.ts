import { request, type ClientRequest, type IncomingMessage } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';

// oxlint-disable-next-line typescript/no-explicit-any -- tests look into data of every shape
type Data = any;

export interface StreamMessage {
  readonly id: string;
  readonly type: string;
  readonly subject: string;
  readonly data: Data;
}

interface Options {
  readonly headers: Readonly<Record<string, string>>;
  readonly path?: string;
  /** Connects again when the stream ends, after the last id, as browsers do. Default: false. */
  readonly reconnects?: boolean;
  readonly lastEventId?: string;
}

/** A client of `GET /v1/stream`, which reads it as the specification of server-sent events says. */
export class StreamReader {
  readonly messages: StreamMessage[] = [];
  /** Everything that came, as it was sent. */
  text = '';
  connections = 0;
  lastEventId: string | null;
  hasEnded = false;
  response: IncomingMessage | null = null;
  private asked: ClientRequest | null = null;
  private isClosed = false;

  /** @param urls of the processes, which are asked in turn */
  private constructor(
    private readonly urls: readonly string[],
    private readonly options: Options,
  ) {
    this.lastEventId = options.lastEventId ?? null;
  }

  /** Connects, and waits until the stream is open. */
  static async open(urls: readonly string[], options: Options): Promise<StreamReader> {
    const reader = new StreamReader(urls, options);
    await reader.connect();
    return reader;
  }

  /** The status and the problem of a request that gets no stream. */
  static async refused(url: string, options: Options): Promise<{ status: number; body: Data; headers: Headers }> {
    const { path = '/v1/stream', lastEventId } = options;
    const headers = new Headers(options.headers);
    if (lastEventId !== undefined) headers.set('last-event-id', lastEventId);
    const response = await fetch(url + path, { headers });
    if (response.ok) throw new Error('The stream was opened.');
    return { status: response.status, body: await response.json(), headers: response.headers };
  }

  types(): string[] {
    return this.messages.map(({ type }) => type);
  }

  /** Type and subject of each message. */
  told(): [string, string][] {
    return this.messages.map(({ type, subject }) => [type, subject]);
  }

  /** Breaks the connection, as a network does. */
  disconnect(): void {
    this.asked?.destroy();
  }

  close(): void {
    this.isClosed = true;
    this.disconnect();
  }

  private async connect(): Promise<void> {
    const url = this.urls[this.connections % this.urls.length]!;
    const last = this.lastEventId === null ? {} : { 'last-event-id': this.lastEventId };
    const { path = '/v1/stream', headers } = this.options;
    const response = await new Promise<IncomingMessage>((resolve, reject) => {
      this.asked = request(url + path, { headers: { ...headers, ...last }, agent: false }, resolve);
      this.asked.on('error', reject).end();
    });
    this.response = response;
    this.connections += 1;
    const isStream = response.statusCode === 200;
    const isRefused = response.statusCode! >= 400 && response.statusCode! < 500;
    if (isRefused || (!isStream && !this.options.reconnects)) throw new Error(`No stream: ${response.statusCode}`);
    let line = '';
    let [id, data] = [this.lastEventId, ''];
    response.setEncoding('utf8');
    response.on('data', (chunk: string) => {
      if (!isStream) return;
      this.text += chunk;
      const lines = (line + chunk).split('\n');
      line = lines.pop()!;
      for (const one of lines) {
        if (one.startsWith('id: ')) id = one.slice(4);
        if (one.startsWith('data: ')) data += one.slice(6);
        if (one !== '') continue;
        this.lastEventId = id;
        if (data !== '') this.messages.push({ ...JSON.parse(data), id: this.lastEventId! });
        data = '';
      }
    });
    response.on('error', () => undefined); // it is closed, too
    response.once('close', () => void this.again());
  }

  private async again(): Promise<void> {
    this.hasEnded = !this.options.reconnects;
    while (this.options.reconnects && !this.isClosed) {
      await sleep(20);
      const done = await this.connect().then(
        () => true,
        () => false,
      );
      if (done) return;
    }
  }
}
