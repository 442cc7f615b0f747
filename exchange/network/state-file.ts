import { appendFile, chmod, mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';

/**
 * A JSON file that contains either the state before a write or the one after it, even if the process is killed: a write
 * creates a second file and renames it. Writes requested during a write share the next one.
 */
export class StateFile {
  private readonly writes: OneAtATime;

  constructor(
    private readonly path: string,
    state: () => unknown,
  ) {
    this.writes = new OneAtATime(() => replaceFile(path, JSON.stringify(state())));
  }

  /** The last saved state; null if there is none. */
  async load(): Promise<unknown> {
    await mkdir(dirname(this.path), { recursive: true });
    await makePrivate(this.path);
    const text = await readIfThere(this.path);
    return text === null ? null : JSON.parse(text);
  }

  /** Resolves when the current state, or a later one, is in the file. */
  save(): Promise<void> {
    return this.writes.run();
  }
}

/**
 * Appends one line of JSON for each entry. Rewrites the file with the entries still needed when it has grown to twice
 * their number.
 */
export class Journal<Entry> {
  private pending: string[] = [];
  private lines = 0;
  private readonly writes = new OneAtATime(() => this.flush());

  constructor(
    private readonly path: string,
    private readonly mostLines: number,
    private readonly wanted: () => Iterable<Entry>,
  ) {}

  /** All complete entries, oldest first. Skips a line that was cut short by a kill. */
  async load(): Promise<Entry[]> {
    await mkdir(dirname(this.path), { recursive: true });
    await makePrivate(this.path);
    const lines = ((await readIfThere(this.path)) ?? '').split('\n').filter((line) => line !== '');
    this.lines = lines.length;
    // The next append must start on a new line.
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

/** The files contain phones, although invented ones. */
const PRIVATE = { mode: 0o600 };

class OneAtATime {
  private last: Promise<void> = Promise.resolve();
  private waiting: Promise<void> | null = null;

  constructor(private readonly work: () => Promise<void>) {}

  run(): Promise<void> {
    this.waiting ??= this.last = this.last
      .catch(() => undefined) // the caller of that write has the error
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

/** Earlier versions made files readable by everybody. */
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
