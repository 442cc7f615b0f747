import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import type { Queue } from 'bullmq';

import { withDeadline } from '../clock/deadline.js';
import type { Seen } from './recognition.js';

const FILE = 'last-heartbeat.json';
/** Of the queue's own entries. */
const FIELD = 'last-heartbeat';
const ANSWERS_WITHIN_MS = 1_000;

/** A place outside the database that remembers the last heartbeat. */
export interface Witness {
  recall(): Promise<Seen | null>;
  remember(seen: Seen): Promise<void>;
}

/** A file, which the processes of a host share. */
export class FolderWitness implements Witness {
  constructor(private readonly folder: string) {}

  async recall(): Promise<Seen | null> {
    return seenIn(await readFile(join(this.folder, FILE), 'utf8'));
  }

  async remember(seen: Seen): Promise<void> {
    await mkdir(this.folder, { recursive: true, mode: 0o700 });
    const draft = join(this.folder, `${FILE}.${process.pid}`);
    await writeFile(draft, JSON.stringify(seen), { mode: 0o600 });
    await rename(draft, join(this.folder, FILE));
  }
}

/** The Redis of the queues, which all processes share. Stored with a queue that has no jobs. */
export class QueueWitness implements Witness {
  constructor(private readonly queue: Queue) {}

  async recall(): Promise<Seen | null> {
    const text = await this.queue.backend.getQueueMetaField(FIELD);
    return text === null ? null : seenIn(text);
  }

  async remember(seen: Seen): Promise<void> {
    await this.queue.backend.setQueueMeta({ [FIELD]: JSON.stringify(seen) });
  }
}

/** What this process and the witnesses have seen. A witness that does not answer is left out, and never waited for. */
export class Witnesses {
  private last: Seen | null = null;

  constructor(private readonly witnesses: readonly Witness[]) {}

  /** The highest heartbeat that was seen; null = none. */
  get seen(): Seen | null {
    return this.last;
  }

  /** Asks the witnesses. */
  async recall(): Promise<void> {
    const recalled = this.witnesses.map(async (one) => inTime(one.recall()));
    for (const seen of await Promise.all(recalled)) {
      if (seen && (this.last === null || (seen.id === this.last.id && seen.beat > this.last.beat))) this.last = seen;
    }
  }

  /** Remembers a heartbeat of the database, unless a witness has seen a later one. */
  async remember({ id, beat }: Seen): Promise<void> {
    if (this.last?.id === id && this.last.beat === beat) return;
    this.last = { id, beat };
    await this.recall();
    if (this.last.beat > beat) return;
    await Promise.all(this.witnesses.map(async (one) => inTime(one.remember({ id, beat }).then(() => null))));
  }

  /** Forgets what was seen before a restore. */
  async replace(seen: Seen): Promise<void> {
    this.last = seen;
    await Promise.all(this.witnesses.map(async (one) => inTime(one.remember(seen).then(() => null))));
  }
}

/** Null if it fails or does not answer. */
async function inTime<T>(asked: Promise<T | null>): Promise<T | null> {
  const answer = asked.catch(() => null);
  return withDeadline(ANSWERS_WITHIN_MS, answer, () => null);
}

/** Null if it is damaged. */
function seenIn(text: string): Seen | null {
  const { id, beat } = JSON.parse(text) as Partial<Seen>;
  return typeof id === 'string' && Number.isSafeInteger(beat) ? { id, beat: beat! } : null;
}
