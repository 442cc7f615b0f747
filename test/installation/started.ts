import { spawn, type ChildProcess } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

import { startMaskline, type RunningMaskline } from '../../src/installation/maskline.js';
import { readInstallationSettings } from '../../src/installation/settings.js';
import { freePort } from '../../src/platform/embedded/free-port.js';
import { aDataFolder, cleanUp, PROJECT } from '../platform/embedded/support.js';
import { CalmTime } from '../support/calm-time.js';

// oxlint-disable-next-line typescript/no-explicit-any -- tests look into bodies of every shape
export type Body = any;

export interface Answer<Of = Body> {
  readonly status: number;
  readonly body: Of;
  readonly text: string;
}

interface Installed {
  /** Beside PATH, DATA_DIR, PORT and EXCHANGE_PORT. */
  env?: Record<string, string>;
  dataDir?: string;
}

interface Options extends Installed {
  path?: string;
  as?: { uid?: number; gid?: number };
  /** The folder of another build. Default: this one. */
  project?: string;
}

const PATIENCE_MS = 120_000;
/** For a test of several starts. A start takes two seconds, and many times that while others use the processor. */
export const LONG_MS = 240_000;

type Environment = Readonly<Record<'DATA_DIR' | 'PORT' | 'EXCHANGE_PORT', string> & Record<string, string | undefined>>;

const processes: Started[] = [];
const here: StartedHere[] = [];

/** `node dist/src/main.js` as a process of its own, far from any `.env`, on free ports. */
export async function start({ path, as = {}, project = PROJECT, ...installed }: Options = {}): Promise<Started> {
  const set = { PATH: path ?? process.env['PATH'], ...(await environmentOf(installed)) };
  const program = join(project, 'dist/src/main.js');
  const child = spawn(process.execPath, [program], { cwd: '/', env: set, stdio: ['ignore', 'pipe', 'pipe'], ...as });
  const started = new Started(child, set);
  processes.push(started);
  return started;
}

/**
 * The same in the process of the tests, which has loaded Maskline already: a process of its own takes more than a second
 * of processor time. For tests that neither kill the process nor look at what it says.
 *
 * @throws what `main.ts` says after "Maskline did not start."
 */
export async function startHere(installed: Installed = {}): Promise<StartedHere> {
  const env = await environmentOf(installed);
  const started = new StartedHere(env, await startMaskline(readInstallationSettings(env)));
  here.push(started);
  return started;
}

async function environmentOf({ env = {}, dataDir }: Installed): Promise<Environment> {
  const [port, exchangePort] = [await freePort('127.0.0.1'), await freePort('127.0.0.1')];
  return {
    DATA_DIR: dataDir ?? (await aDataFolder()),
    PORT: String(port),
    EXCHANGE_PORT: String(exchangePort),
    DRAIN_SECONDS: '0', // no load balancer has to notice
    ...env,
  };
}

/** Started, and its first numbers bought: it has said all it has to say. */
export async function startWhole(options: Options = {}): Promise<Started> {
  const started = await start(options);
  await started.says(/Stop with Ctrl-C/);
  return started;
}

/** A Maskline, as its clients see it and as its data folder shows it. */
abstract class Reached {
  constructor(readonly env: Environment) {}

  get url(): string {
    return `http://127.0.0.1:${this.env.PORT}`;
  }

  get exchange(): string {
    return `http://127.0.0.1:${this.env.EXCHANGE_PORT}`;
  }

  async isReady(): Promise<void> {
    await until(async () => {
      this.expectAlive();
      const answer = await fetch(`${this.url}/health/ready`).catch(() => null);
      return answer?.status === 200 || null;
    });
  }

  /** @throws if it cannot become ready any more */
  protected abstract expectAlive(): void;

  async apiKey(): Promise<string> {
    const { API_KEY: set } = this.env;
    if (set !== undefined) return set;
    return (JSON.parse(await readFile(join(this.env.DATA_DIR, 'secrets.json'), 'utf8')) as { apiKey: string }).apiKey;
  }

  async api(method: string, path: string, body?: object, headers: Record<string, string> = {}): Promise<Answer> {
    return send(`${this.url}/v1/${path}`, method, body, { ...headers, ...(await this.key()) });
  }

  /** The header with the API key. */
  async key(): Promise<{ authorization: string }> {
    return { authorization: `Bearer ${await this.apiKey()}` };
  }

  /** The sum of the samples of a metric that have this label, or of all; null = there is none. */
  async metric(name: string, label = ''): Promise<number | null> {
    const { text } = await send(`${this.url}/metrics`, 'GET', undefined, await this.key());
    const samples = [...text.matchAll(new RegExp(`^${name}(\\{.*\\})? (.+)$`, 'gm'))];
    const values = samples.filter(([, labels = '']) => labels.includes(label)).map(([, , value]) => Number(value));
    return values.length === 0 ? null : values.reduce((sum, value) => sum + value);
  }

  /** What the exchange holds for this installation's account. */
  async owned(): Promise<Owned> {
    return (await send<Owned>(`${this.exchange}/exchange/numbers`)).body;
  }

  /** Asks again, as clients do, if the database does not answer in time: the machine may be busy with other things. */
  async order(reference: string): Promise<Body> {
    return until(async () => {
      const { status, body } = await this.api('GET', `orders/${reference}`);
      return status === 503 ? null : (body as object);
    });
  }

  /** Waits until an order has got its numbers. */
  async active(reference: string): Promise<Body> {
    return until(async () => {
      const order = await this.order(reference);
      return order.status === 'active' ? order : null;
    });
  }

  /** The process id of the embedded PostgreSQL; null while there is none. */
  async postgres(): Promise<number | null> {
    return Number((await this.read('postgres/postmaster.pid')).split('\n')[0]) || null;
  }

  /** The embedded database, as its superuser. */
  async databaseUrl(): Promise<string> {
    const port = (await this.read('postgres/postmaster.pid')).split('\n')[3];
    const password = (await this.read('postgres/superuser.password')).trim();
    return `postgres://maskline:${password}@127.0.0.1:${port}/maskline`;
  }

  private async read(file: string): Promise<string> {
    return readFile(join(this.env.DATA_DIR, file), 'utf8').catch(() => '');
  }
}

/** In a process of its own. */
export class Started extends Reached {
  output = '';
  private over = false;
  /** Exit code or signal, once all output has been read. */
  readonly ended: Promise<number | NodeJS.Signals | null>;

  constructor(
    readonly child: ChildProcess,
    env: Environment,
  ) {
    super(env);
    const keep = (chunk: Buffer) => (this.output += chunk.toString());
    child.stdout!.on('data', keep);
    child.stderr!.on('data', keep);
    this.ended = new Promise((resolve) => {
      child.once('close', (code, signal) => {
        this.over = true;
        resolve(signal ?? code);
      });
    });
  }

  async says(what: RegExp): Promise<void> {
    await until(async () => {
      if (what.test(this.output)) return true;
      if (this.over) throw new Error(`It ended without saying ${what}:\n${this.output}`);
      return null;
    });
  }

  async stop(signal: NodeJS.Signals = 'SIGTERM'): Promise<number | NodeJS.Signals | null> {
    this.child.kill(signal);
    return this.ended;
  }

  protected override expectAlive(): void {
    if (this.over) throw new Error(`It ended:\n${this.output}`);
  }
}

/** In the process of the tests. */
class StartedHere extends Reached {
  private stopped: Promise<void> | null = null;

  constructor(
    env: Environment,
    private readonly running: RunningMaskline,
  ) {
    super(env);
  }

  async stop(): Promise<void> {
    return (this.stopped ??= this.running.stop());
  }

  protected override expectAlive(): void {
    if (this.stopped) throw new Error('It is stopped.');
  }
}

export interface Owned {
  readonly numbers: readonly { phone_number: string; rental_price: string; currency: string }[];
  readonly spent: Readonly<Record<string, number>>;
}

/** What the owned numbers cost, each bought once. */
export function costOf({ numbers }: Owned): Record<string, number> {
  const cost: Record<string, number> = {};
  for (const { currency, rental_price } of numbers) cost[currency] = (cost[currency] ?? 0) + Number(rental_price);
  return cost;
}

/** Keeps their folders. */
export async function stopStarted(): Promise<void> {
  for (const started of processes.splice(0)) await started.stop('SIGKILL');
  for (const started of here.splice(0)) await started.stop();
}

export async function cleanUpStarted(): Promise<void> {
  await stopStarted();
  await cleanUp();
}

export async function send<Of = Body>(
  url: string,
  method = 'GET',
  body?: object,
  headers: Record<string, string> = {},
): Promise<Answer<Of>> {
  const content = body && { body: JSON.stringify(body), headers: { ...headers, 'content-type': 'application/json' } };
  const response = await fetch(url, { method, headers, ...content });
  const text = await response.text();
  const isJson = response.headers.get('content-type')?.includes('json') ?? false;
  return { status: response.status, body: (isJson ? JSON.parse(text) : null) as Of, text };
}

/** Looks until there is something to see, for far longer than it takes: the machine may be busy with other things. */
export async function until<T>(look: () => Promise<T | null>): Promise<T> {
  for (const waited = new CalmTime(); waited.ms < PATIENCE_MS; await sleep(50)) {
    const found = await look();
    if (found !== null) return found;
  }
  throw new Error(`It did not come within ${PATIENCE_MS / 1000} s.`);
}

export function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}
