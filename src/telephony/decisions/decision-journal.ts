import { createHash, randomUUID } from 'node:crypto';
import { link, mkdir, open, readdir, readFile, rm, rmdir } from 'node:fs/promises';
import { join } from 'node:path';

import { withDeadline } from '../../platform/clock/deadline.js';
import type { Decided } from './interactions.queries.js';

/** The decisions about one call, by the name of their step. */
export type JournaledCall = Readonly<Record<string, Decided>>;

/** The caller waits for the disk at most this long. */
const WRITTEN_WITHIN_MS = 300;

/** Holds files that are not complete. No call's folder has this name. */
const DRAFTS = '.drafts';

/**
 * Decisions that are not in the database yet: a folder for each call, a file for each step. The processes of a host
 * share the folder, so each knows what the others have answered, and records what a killed one has left. While the disk
 * cannot be written, a process keeps its decisions in memory. Contains no phones.
 */
export class DecisionJournal {
  private readonly inMemory = new Map<string, JournaledCall>();
  /** What was wrong with the disk when it was last used; null = nothing. */
  private trouble: string | null = null;
  private trying: Promise<void> | null = null;

  private constructor(private readonly folder: string) {}

  /** @throws Error if the folder cannot be created */
  static async open(folder: string): Promise<DecisionJournal> {
    await mkdir(join(folder, DRAFTS), { recursive: true, mode: 0o700 });
    return new DecisionJournal(folder);
  }

  /**
   * What is wrong with the disk, in a few words; null = nothing. A disk that failed is tried again: while the database
   * answers, nothing else is written to it.
   */
  async whatIsWrong(): Promise<string | null> {
    if (this.trouble !== null) {
      this.trying ??= this.tryDisk().finally(() => (this.trying = null));
      await withDeadline(WRITTEN_WITHIN_MS, this.trying, () => undefined);
    }
    return this.trouble;
  }

  /** The names of the calls whose decisions are not recorded, for `read`. */
  async calls(): Promise<string[]> {
    const onDisk = await this.namesIn(this.folder);
    return [...new Set([...onDisk.filter((name) => name !== DRAFTS), ...this.inMemory.keys()])];
  }

  /** Null if the journal has no decision about the call. */
  async find(provider: string, providerCallId: string): Promise<JournaledCall | null> {
    return this.read(nameOf(provider, providerCallId));
  }

  /** The decisions about a call by its name; null if there are none. */
  async read(call: string): Promise<JournaledCall | null> {
    const folder = join(this.folder, call);
    const files = await this.namesIn(folder);
    const onDisk = await Promise.all(files.map((file) => readDecided(join(folder, file))));
    const steps = onDisk.filter((step) => step !== null).map((step) => [step.stepName, step] as const);
    const known = { ...this.inMemory.get(call), ...Object.fromEntries(steps) };
    return Object.keys(known).length > 0 ? known : null;
  }

  /**
   * Keeps a decision. When this resolves, the decision survives a crash, unless the disk cannot be written.
   *
   * @returns false, without a change, if the call was decided at this step before
   */
  async append(decided: Decided): Promise<boolean> {
    const call = nameOf(decided.provider, decided.providerCallId);
    if (decided.stepName in (this.inMemory.get(call) ?? {})) return false;
    this.inMemory.set(call, { ...this.inMemory.get(call), [decided.stepName]: decided });
    const writing = this.write(call, decided).catch((failure: unknown) => failure as Error);
    const written = await withDeadline(WRITTEN_WITHIN_MS, writing, () => new Error('The disk is too slow.'));
    this.trouble = written instanceof Error ? 'cannot be written' : null;
    if (written instanceof Error) return true;
    this.forget(call, decided.stepName);
    return written;
  }

  /** Removes recorded decisions of a call. A step that another process adds meanwhile stays. */
  async remove(call: string, steps: readonly string[]): Promise<void> {
    for (const step of steps) {
      this.forget(call, step);
      await rm(join(this.folder, call, hashOf(step)), { force: true });
    }
    await rmdir(join(this.folder, call)).catch(() => undefined); // it has another step, or somebody else removed it
  }

  /** @returns false if another process decided this step. The file appears only when it is complete. */
  private async write(call: string, decided: Decided): Promise<boolean> {
    const appear = async (draft: string) => {
      await mkdir(join(this.folder, call), { recursive: true, mode: 0o700 });
      await link(draft, join(this.folder, call, hashOf(decided.stepName)));
    };
    try {
      await this.withDraft(JSON.stringify(decided, asText), appear);
      return true;
    } catch (failure) {
      if ((failure as NodeJS.ErrnoException).code === 'EEXIST') return false;
      throw failure;
    }
  }

  /** Writes a file that exists while the work with it is done. */
  private async withDraft(text: string, work: (draft: string) => Promise<unknown>): Promise<void> {
    const draft = join(this.folder, DRAFTS, randomUUID());
    const file = await open(draft, 'wx', 0o600);
    try {
      await file.writeFile(text);
      await file.datasync();
      await work(draft);
    } finally {
      await file.close();
      await rm(draft, { force: true });
    }
  }

  /** Never rejects. */
  private async tryDisk(): Promise<void> {
    try {
      await mkdir(join(this.folder, DRAFTS), { recursive: true, mode: 0o700 });
      await this.withDraft('{}', async () => readdir(this.folder));
      this.trouble = null;
    } catch {
      // still wrong
    }
  }

  /** None if the folder is missing or cannot be read: what is in memory is known all the same. */
  private async namesIn(folder: string): Promise<string[]> {
    try {
      return await readdir(folder);
    } catch (failure) {
      if ((failure as NodeJS.ErrnoException).code !== 'ENOENT') this.trouble = 'cannot be read';
      return [];
    }
  }

  private forget(call: string, step: string): void {
    const left = Object.entries(this.inMemory.get(call) ?? {}).filter(([name]) => name !== step);
    if (left.length > 0) this.inMemory.set(call, Object.fromEntries(left));
    else this.inMemory.delete(call);
  }
}

/** Providers' ids of calls may contain any character. */
function nameOf(provider: string, providerCallId: string): string {
  return hashOf(`${provider} ${providerCallId}`);
}

function hashOf(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

/** Whether a call can be decided at this step: for the first time, and after no step that connected it. */
export function isDecidable(call: JournaledCall, stepName: string): boolean {
  return !(stepName in call) && !Object.values(call).some(({ verdict }) => verdict.decision === 'connect');
}

/** Everything but the secret is JSON; the verdict only as far as it is recorded. */
function asText(this: unknown, field: string, value: unknown): unknown {
  if (field === 'secret') return (this as Decided).secret?.toString('base64') ?? null;
  if (field !== 'verdict') return value;
  const { decision, reason, orderId, callerRole } = value as Decided['verdict'];
  return { decision, reason, orderId, callerRole };
}

/** Null if another process has removed it, or the disk has damaged it. */
async function readDecided(file: string): Promise<Decided | null> {
  try {
    return decidedIn(await readFile(file, 'utf8'));
  } catch {
    return null;
  }
}

function decidedIn(text: string): Decided {
  const { at, askAt, secret, ...rest } = JSON.parse(text) as Omit<Decided, 'at' | 'askAt' | 'secret'> & {
    readonly [field in 'at' | 'askAt' | 'secret']: string | null;
  };
  return {
    ...rest,
    at: new Date(at!),
    askAt: askAt === null ? null : new Date(askAt),
    secret: secret === null ? null : Buffer.from(secret, 'base64'),
  };
}
