import { randomBytes } from 'node:crypto';
import { connect, type Socket } from 'node:net';

import { serveParent } from './child.js';
import { figuresOf, type Figures } from './latencies.js';
import { activeOrders, callOf, vault, type ExpectedCall, type WorldSize } from './world.js';

export interface CallersEnvironment {
  readonly size: WorldSize;
}

export interface Calling {
  readonly port: number;
  readonly path: string;
  /** Send the caller's keyed lookup along, and expect some phone: for a server that knows no secrets. */
  readonly bare: boolean;
  readonly connections: number;
  readonly seconds: number;
}

/**
 * Calls: on each connection one request after the other, each a fresh call of a random participant of an active order.
 * Every answer must connect that very call, else the round fails.
 */
await serveParent<CallersEnvironment, Calling>(async ({ size }) => {
  return {
    ready: {},
    answer: (calling) => place(calling, size),
    close: async () => undefined,
  };
});

async function place(calling: Calling, size: WorldSize): Promise<Figures> {
  const latenciesMs: number[] = [];
  const begunAt = performance.now();
  const until = begunAt + calling.seconds * 1000;
  await Promise.all(
    Array.from({ length: calling.connections }, async () => {
      const line = await Line.open(calling.port);
      try {
        for (let sentAt = performance.now(); sentAt < until; sentAt = performance.now()) {
          const call = callOf(size, Math.floor(Math.random() * activeOrders(size)), Math.random() < 0.5);
          const answer = await line.get(requestOf(call, calling));
          latenciesMs.push(performance.now() - sentAt);
          mustConnect(answer, call, calling.bare);
        }
      } finally {
        line.close();
      }
    }),
  );
  return figuresOf(latenciesMs, (performance.now() - begunAt) / 1000);
}

/** As Exotel spells it: national, with a leading 0. */
function requestOf({ caller, dials }: ExpectedCall, { path, bare }: Calling): string {
  const [from, to] = [`0${caller.slice(3)}`, `0${dials.slice(3)}`];
  const callSid = randomBytes(16).toString('hex');
  const key = bare ? `&Key=${vault.keyOf(caller).toString('hex')}` : '';
  return `${path}?CallSid=${callSid}&CallFrom=${from}&CallTo=${to}&Direction=incoming&CallType=call-attempt&From=${from}&To=${to}${key}`;
}

function mustConnect(answer: string, call: ExpectedCall, bare: boolean): void {
  const rings = bare ? '"numbers":["+' : `"numbers":["${call.rings}"]`;
  const connects = answer.includes(rings) && answer.includes(`"outgoing_phone_number":"${call.shows}"`);
  if (!answer.startsWith('HTTP/1.1 200') || !connects) throw new Error(`A call did not connect:\n${answer}`);
}

/**
 * A connection kept alive, one request at a time. By hand, because a whole HTTP client takes as much time for a request
 * as the servers it is to measure, on the same processors.
 */
class Line {
  private received = '';
  private settle: { resolve: (answer: string) => void; reject: (failure: Error) => void } | null = null;

  private constructor(private readonly socket: Socket) {
    socket.setNoDelay(true).setEncoding('latin1');
    socket.on('data', (text: string) => this.take(text));
    socket.on('error', (failure) => this.settle?.reject(failure));
    socket.on('close', () => this.settle?.reject(new Error('The server closed the connection.')));
  }

  static async open(port: number): Promise<Line> {
    const socket = connect(port, '127.0.0.1');
    await new Promise<void>((resolve, reject) => socket.once('connect', resolve).once('error', reject));
    return new Line(socket);
  }

  get(path: string): Promise<string> {
    this.received = '';
    this.socket.write(`GET ${path} HTTP/1.1\r\nHost: 127.0.0.1\r\nAccept: */*\r\n\r\n`);
    return new Promise((resolve, reject) => (this.settle = { resolve, reject }));
  }

  close(): void {
    this.settle = null;
    this.socket.destroy();
  }

  private take(text: string): void {
    this.received += text;
    const head = this.received.indexOf('\r\n\r\n');
    if (head < 0) return;
    const [, length] = /\r\ncontent-length: (\d+)/i.exec(this.received) ?? [];
    if (this.received.length >= head + 4 + Number(length)) this.settle?.resolve(this.received);
  }
}
