import { appendFile, chmod, mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';

/**
 * A JSON file that holds either the state before a write or the one after it, whenever the process is killed: each
 * write goes to a neighbour that is then renamed over it. Writes asked for during a write share the next one.
 */
export class StateFile {
  private readonly writes: OneAtATime;

  constructor(
    private readonly path: string,
    state: () => unknown,
  ) {
    this.writes = new OneAtATime(() => replaceFile(path, JSON.stringify(state())));
  }

  /** The state as it was last saved, or null where none was. */
  async load(): Promise<unknown> {
    await mkdir(dirname(this.path), { recursive: true });
    await makePrivate(this.path);
    const text = await readIfThere(this.path);
    return text === null ? null : JSON.parse(text);
  }

  /** Resolves once the state of now, or a later one, is in the file. */
  save(): Promise<void> {
    return this.writes.run();
  }
}

/** One JSON line an entry, appended; rewritten with what is still wanted when twice that has piled up. */
export class Journal<Entry> {
  private pending: string[] = [];
  private lines = 0;
  private readonly writes = new OneAtATime(() => this.flush());

  constructor(
    private readonly path: string,
    private readonly mostLines: number,
    private readonly wanted: () => Iterable<Entry>,
  ) {}

  /** All whole entries, oldest first. A line cut short by a kill is passed over. */
  async load(): Promise<Entry[]> {
    await mkdir(dirname(this.path), { recursive: true });
    await makePrivate(this.path);
    const lines = ((await readIfThere(this.path)) ?? '').split('\n').filter((line) => line !== '');
    this.lines = lines.length;
    // The next append must not continue the line that was cut short.
    if (lines.length > 0) this.pending.push('');
    return lines.flatMap(readLine<Entry>);
  }

  append(entry: Entry): Promise<void> {
    this.pending.push(JSON.stringify(entry));
    return this.writes.run();
  }

  private async flush(): Promise<void> {
    const lines = this.pending;
    this.pending = [];
    this.lines += lines.length;
    if (this.lines < 2 * this.mostLines) return appendFile(this.path, lines.join('\n') + '\n', PRIVATE);
    const wanted = Array.from(this.wanted(), (entry) => JSON.stringify(entry));
    this.lines = wanted.length;
    await replaceFile(this.path, wanted.join('\n') + '\n');
  }
}

/** They hold people's phones, though made-up ones. */
const PRIVATE = { mode: 0o600 };

class OneAtATime {
  private last: Promise<void> = Promise.resolve();
  private waiting: Promise<void> | null = null;

  constructor(private readonly work: () => Promise<void>) {}

  run(): Promise<void> {
    this.waiting ??= this.last = this.last
      .catch(() => undefined) // whoever asked for that write was told
      .then(() => {
        this.waiting = null;
        return this.work();
      });
    return this.waiting;
  }
}

async function replaceFile(path: string, text: string): Promise<void> {
  await writeFile(`${path}.new`, text, PRIVATE);
  await rename(`${path}.new`, path);
}

/** A file of an earlier version may be readable by everybody. */
async function makePrivate(path: string): Promise<void> {
  await chmod(path, PRIVATE.mode).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'ENOENT') throw error;
  });
}

async function readIfThere(path: string): Promise<string | null> {
  return readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return null;
    throw error;
  });
}

function readLine<Entry>(line: string): Entry[] {
  try {
    return [JSON.parse(line) as Entry];
  } catch {
    return [];
  }
}
