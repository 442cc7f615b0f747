import { randomBytes } from 'node:crypto';
import { connect, type Socket } from 'node:net';

import { serveParent } from './child.js';
import { figuresOf, type Figures } from './latencies.js';
import { activeOrders, API_KEY, callByPin, callOf, vault, type ExpectedCall, type WorldSize } from './world.js';

export interface CallersEnvironment {
  readonly size: WorldSize;
}

/**
 * What is requested, and what the answer must be. `connect`: the other participant's phone. `bare`: the same with the
 * caller's keyed lookup, from a server without secrets, which rings any phone. `pin`: the same for an unknown phone
 * with a PIN. `explain`: that such a call connects, now or a number of minutes ago.
 */
export type Way = 'connect' | 'bare' | 'pin' | 'explain' | { readonly explainMinutesAgo: number };

export interface Calling {
  /** Of one application or several; the connections are spread evenly. */
  readonly ports: readonly number[];
  readonly path: string;
  readonly way: Way;
  readonly connections: number;
  readonly seconds: number;
}

/**
 * Sends calls: one request after the other on each connection, each for a new call of a random participant of an active
 * order. The round fails if an answer does not connect that call, or does not explain that it connects.
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
    Array.from({ length: calling.connections }, async (_, index) => {
      const line = await Line.open(calling.ports[index % calling.ports.length]!);
      try {
        for (let sentAt = performance.now(); sentAt < until; sentAt = performance.now()) {
          const { request, expected } = draw(size, calling);
          const answer = await line.send(request);
          latenciesMs.push(performance.now() - sentAt);
          mustHold(answer, expected);
        }
      } finally {
        line.close();
      }
    }),
  );
  return figuresOf(latenciesMs, (performance.now() - begunAt) / 1000);
}

/** A request, and what its answer must contain. */
interface Drawn {
  readonly request: string;
  readonly expected: readonly string[];
}

const STRANGERS = 10_000_000;
const any = (count: number) => Math.floor(Math.random() * count);

function draw(size: WorldSize, { path, way }: Calling): Drawn {
  if (way === 'pin') {
    const call = callByPin(size, any(activeOrders(size)), any(STRANGERS));
    return { request: get(`${path}?${queryOf(call)}&digits=%22${call.pin}%22`), expected: rings(call, call.rings) };
  }
  const call = callOf(size, any(activeOrders(size)), Math.random() < 0.5);
  if (way === 'connect') return { request: get(`${path}?${queryOf(call)}`), expected: rings(call, call.rings) };
  if (way === 'bare') {
    const key = vault.keyOf(call.caller).toString('hex');
    const dialled = vault.keyOf(call.dials).toString('hex');
    return { request: get(`${path}?${queryOf(call)}&Key=${key}&Dialled=${dialled}`), expected: rings(call, '+') };
  }
  const at = way === 'explain' ? {} : { at: new Date(Date.now() - way.explainMinutesAgo * 60_000).toISOString() };
  const request = post(path, JSON.stringify({ from: call.caller, to: call.dials, ...at }));
  return { request, expected: ['"decision":"connect"', `"shownNumber":"${call.shows}"`] };
}

const rings = ({ shows }: ExpectedCall, phone: string) => [
  `"numbers":["${phone}`,
  `"outgoing_phone_number":"${shows}"`,
];

/** In Exotel's form: national, with a leading 0. */
function queryOf({ caller, dials }: ExpectedCall): string {
  const [from, to] = [`0${caller.slice(3)}`, `0${dials.slice(3)}`];
  const callSid = randomBytes(16).toString('hex');
  return `CallSid=${callSid}&CallFrom=${from}&CallTo=${to}&Direction=incoming&CallType=call-attempt&From=${from}&To=${to}`;
}

function get(path: string): string {
  return `GET ${path} HTTP/1.1\r\nHost: 127.0.0.1\r\nAccept: */*\r\n\r\n`;
}

function post(path: string, body: string): string {
  const headers = `Authorization: Bearer ${API_KEY}\r\nContent-Type: application/json\r\nContent-Length: ${body.length}`;
  return `POST ${path} HTTP/1.1\r\nHost: 127.0.0.1\r\nAccept: */*\r\n${headers}\r\n\r\n${body}`;
}

function mustHold(answer: string, expected: readonly string[]): void {
  const holds = answer.startsWith('HTTP/1.1 200') && expected.every((part) => answer.includes(part));
  if (!holds) throw new Error(`A call did not connect:\n${answer}`);
}

/**
 * A kept-alive connection with one request at a time. Written by hand, because a complete HTTP client needs as much
 * processor time as the servers that it measures.
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

  send(request: string): Promise<string> {
    this.received = '';
    this.socket.write(request);
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
