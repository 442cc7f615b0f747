import { chmod, mkdir, readdir, rm, stat } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';

import type { Database, RootDatabase } from 'lmdb';

import type { E164 } from '../../phone-number/e164.js';
import { asTexted } from '../../phone-number/e164.js';
import { withDeadline } from '../../platform/clock/deadline.js';
import type { HostInstant } from '../../platform/clock/host-clock.js';
import type { Change } from '../../platform/replication/changes.js';
import type { Row } from '../../platform/replication/snapshot.js';
import { FORMAT, isKept, pack, type Packed, type TableName } from './replica-columns.js';

/** Another process has begun a newer copy, so this one must not write any more. */
export class ReplicaTakenOver extends Error {}

/** Address space, not disk. */
const LARGEST_BYTES = 64 * 1024 ** 3;
/** A write delays other work of the process by a few milliseconds at most. */
const REMOVED_AT_ONCE = 1_000;

/** Followed by the format. */
const NAME = 'rows-';

const REASON_WITHIN_MS = 1_000;

const GENERATION = 'generation';
const AS_OF = 'as of';

type Key = Buffer | string;
type Table = Database<Packed, Key>;

interface Opened {
  readonly environment: RootDatabase<unknown, string>;
  readonly assignments: Table;
  readonly numbers: Table;
  readonly pools: Table;
  readonly about: Database<unknown, string>;
}

async function openedAt(path: string): Promise<Opened> {
  const { open } = await import('lmdb'); // not needed by the other roles
  // Batches of an event turn have a promise of their own, whose rejection nobody could handle.
  const options = { path, noSubdir: false, mapSize: LARGEST_BYTES, maxReaders: 256, eventTurnBatching: false };
  const environment = open<unknown, string>({ ...options, encoding: 'msgpack' });
  return {
    environment,
    assignments: environment.openDB('assignments', { encoding: 'msgpack', keyEncoding: 'binary' }),
    numbers: environment.openDB('numbers', { encoding: 'msgpack' }),
    pools: environment.openDB('pools', { encoding: 'msgpack' }),
    about: environment.openDB('about', { encoding: 'msgpack' }),
  };
}

/**
 * The copy on disk: one LMDB environment, which several processes of a host read while one of them writes. Phones are
 * there only as they are in the database, sealed.
 */
export class ReplicaStore {
  private constructor(
    readonly folder: string,
    /** Null while it is opened again, or if that failed. */
    private opened: Opened | null,
  ) {}

  /** Creates what is missing. @throws Error if the folder or the library cannot be used */
  static async open(folder: string): Promise<ReplicaStore> {
    const path = join(resolve(folder), NAME + FORMAT);
    await mkdir(path, { recursive: true, mode: 0o700 });
    for (const made of [folder, path]) await chmod(made, 0o700);
    const store = new ReplicaStore(path, await openedAt(path));
    store.asOf(); // fails if a process of another container has the folder open under the same process id
    return store;
  }

  async close(): Promise<void> {
    await this.opened?.environment.close();
  }

  /**
   * Gives back the memory that many rows have taken. LMDB maps its file, and every page that was read or written stays in
   * the memory of the process. Nothing is found meanwhile, which takes less than a millisecond.
   */
  async reopen(): Promise<void> {
    const before = this.opened;
    this.opened = null;
    await before?.environment.close();
    this.opened = await openedAt(this.folder);
  }

  /** What tells this folder from any other one of the host, also after it was copied. */
  async identity(): Promise<string> {
    const { dev, ino } = await stat(join(this.folder, 'data.mdb'));
    return `${dev} ${ino}`;
  }

  assignment(number: E164, diallerKey: Buffer): Packed | undefined {
    return this.opened?.assignments.get(assignmentKey(number, diallerKey));
  }

  number(number: E164): Packed | undefined {
    return this.opened?.numbers.get(asTexted(number));
  }

  pool(id: string): Packed | undefined {
    return this.opened?.pools.get(id);
  }

  allPools(): Packed[] {
    return this.opened ? [...this.opened.pools.getRange({})].map(({ value }) => value) : [];
  }

  /** Everything that was committed before this instant is in the copy; null = nothing was copied yet. */
  asOf(): HostInstant | null {
    const stored = this.opened?.about.get(AS_OF) as [number, number, string | null] | undefined;
    if (!stored) return null;
    const [wallMs, bootMs, bootId] = stored;
    return { wallMs, bootMs, bootId };
  }

  /** Begins a new generation of rows. From then on, writers of earlier generations fail. */
  async takeOver(): Promise<number> {
    this.opened ??= await openedAt(this.folder);
    this.opened.environment.readerCheck(); // readers that were killed keep old pages from being used again
    return this.inTransaction(({ about }) => {
      const generation = ((about.get(GENERATION) as number | undefined) ?? 0) + 1;
      void about.put(GENERATION, generation);
      return generation;
    });
  }

  /** Takes rows of a snapshot. Rows of earlier generations stay until `removeOlder`. @throws ReplicaTakenOver */
  async copy(generation: number, table: TableName, rows: readonly Row[]): Promise<void> {
    await this.write(generation, () => rows.forEach((row) => this.put(generation, table, row)));
  }

  /** Removes the rows of earlier generations, which are not in the database any more. @throws ReplicaTakenOver */
  async removeOlder(generation: number): Promise<void> {
    const { assignments, numbers, pools } = this.open;
    for (const table of [assignments, numbers, pools]) {
      for (let start: Key | undefined; ;) {
        const page = [...table.getRange({ start, exclusiveStart: start !== undefined, limit: REMOVED_AT_ONCE })];
        const older = page.filter(({ value }) => value[0] < generation).map(({ key }) => key);
        if (older.length > 0) await this.write(generation, () => older.forEach((key) => void table.remove(key)));
        if (page.length < REMOVED_AT_ONCE) break;
        start = page.at(-1)!.key;
        await new Promise<void>((next) => setImmediate(next));
      }
    }
  }

  /** Removes what other versions have left. A process that still uses it keeps it until it ends. */
  async removeOtherFormats(): Promise<void> {
    const parent = dirname(this.folder);
    for (const name of await readdir(parent)) {
      const isOther = name.startsWith(NAME) && name !== basename(this.folder);
      if (isOther) await rm(join(parent, name), { recursive: true, force: true });
    }
  }

  /** Applies changes and what is known with them, together. @throws ReplicaTakenOver */
  async apply(generation: number, changes: readonly Change[], asOf: HostInstant | null): Promise<void> {
    await this.write(generation, () => {
      for (const change of changes) this.applyOne(generation, change);
      if (asOf) void this.open.about.put(AS_OF, [asOf.wallMs, asOf.bootMs, asOf.bootId]);
    });
  }

  /**
   * Waits for other processes' writes on another thread, so that one which hangs in its write does not block this
   * process.
   */
  private async write(generation: number, work: () => void): Promise<void> {
    await this.inTransaction(({ about }) => {
      if (about.get(GENERATION) !== generation) throw new ReplicaTakenOver('another process feeds the replica');
      work();
    });
  }

  /** @throws Error with the reason as its cause if the disk is full or broken; then nothing is written */
  private async inTransaction<T>(work: (opened: Opened) => T): Promise<T> {
    const { open } = this;
    try {
      return await open.environment.transaction(() => work(open));
    } catch (failure) {
      const { commitError } = failure as { commitError?: Promise<never> };
      if (!commitError) throw failure;
      // lmdb rejects this promise a little later; unhandled, it would end the process.
      const telling = commitError.catch((reason: Error) => reason.message);
      const reason = await withDeadline(REASON_WITHIN_MS, telling, () => 'for an unknown reason');
      throw new Error(`The replica was not written: ${reason}`, { cause: failure });
    }
  }

  /** For the one who writes, who also opens it again. */
  private get open(): Opened {
    if (this.opened === null) throw new Error('The replica is not open.');
    return this.opened;
  }

  private applyOne(generation: number, change: Change): void {
    const { table } = change;
    if (!isKept(table)) return; // the publication of a later version has more tables
    const rows = this.rowsOf(table);
    if (change.kind === 'clear') {
      for (const key of [...rows.getKeys()]) void rows.remove(key);
    } else if (change.kind === 'remove') {
      void rows.remove(keyOf(table, change.key));
    } else if (change.oldKey) {
      const oldKey = keyOf(table, change.oldKey);
      const stored = rows.get(oldKey);
      void rows.remove(oldKey);
      void rows.put(
        keyOf(table, change.row),
        pack(table, change.row, generation, () => stored),
      );
    } else {
      this.put(generation, table, change.row);
    }
  }

  private put(generation: number, table: TableName, row: Row): void {
    const rows = this.rowsOf(table);
    const key = keyOf(table, row);
    const stored = () => rows.get(key);
    const packed = pack(table, row, generation, stored);
    // Numbers change with each order, but rarely what is kept of them.
    if (table === 'virtual_numbers' && isSame(packed, stored())) return;
    void rows.put(key, packed);
  }

  private rowsOf(table: TableName): Table {
    const { assignments, numbers, pools } = this.open;
    return { assignments, virtual_numbers: numbers, pools }[table];
  }
}

function keyOf(table: TableName, row: Row): Key {
  if (table === 'pools') return row['id'] as string;
  if (table === 'virtual_numbers') return asTexted(row['number'] as E164);
  return assignmentKey(row['virtual_number'] as E164, row['dialler_key'] as Buffer);
}

function assignmentKey(number: E164, diallerKey: Buffer): Buffer {
  return Buffer.concat([Buffer.from(`${asTexted(number)} `), diallerKey]);
}

/** Of rows without buffers. */
function isSame(packed: Packed, stored: Packed | undefined): boolean {
  if (packed.length !== stored?.length) return false;
  return packed.every((value, index) => value === stored[index]);
}
