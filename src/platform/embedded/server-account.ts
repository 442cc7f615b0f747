import { spawn, type SpawnOptions } from 'node:child_process';
import { stat } from 'node:fs/promises';
import { delimiter, dirname } from 'node:path';

/** The result of a program: its exit code (null if a signal ended it) and its output. */
export interface Finished {
  readonly code: number | null;
  readonly output: string;
}

interface Owner {
  readonly uid: number;
  readonly gid: number;
}

/**
 * The capabilities to enter closed folders. The second makes access(2), with which PostgreSQL finds its own programs,
 * respect them: without no_setuid_fixup that call ignores capabilities of users other than root.
 */
const PASS_CLOSED_FOLDERS = [
  '--inh-caps=+dac_override',
  '--ambient-caps=+dac_override',
  '--securebits=+no_setuid_fixup',
];

/**
 * The user that runs PostgreSQL's programs. PostgreSQL refuses root, so root switches to the user `postgres`, or to the
 * owner of the existing database; any other user runs them directly.
 */
export class ServerAccount {
  private constructor(
    readonly owner: Owner | null,
    private readonly closedFolder: string | null,
  ) {}

  /**
   * @param database the folder of the database, which may not exist yet
   * @param passes folders that the programs must be able to enter
   */
  static async for(database: string, passes: readonly string[]): Promise<ServerAccount> {
    const me = process.getuid?.();
    const there = await stat(database).catch(() => null);
    if (me !== 0) {
      if (there && me !== undefined && there.uid !== me) {
        throw new Error(
          `${database} belongs to another user (${there.uid}): start Maskline as that user, or set DATA_DIR.`,
        );
      }
      return new ServerAccount(null, null);
    }
    const owner = there && there.uid !== 0 ? { uid: there.uid, gid: there.gid } : await postgresUser();
    for (const path of passes) {
      const closed = await closedFolderAbove(path, owner);
      if (closed !== null) return new ServerAccount(owner, closed);
    }
    return new ServerAccount(owner, null);
  }

  /**
   * Runs a program to its end, with messages in English. It gets its own session, so that a Ctrl-C for us does not
   * interrupt it halfway.
   */
  async run(program: string, args: readonly string[]): Promise<Finished> {
    const options = { cwd: '/', env: plainEnvironment(), detached: true };
    if (!this.owner) return finish(program, args, options);
    const { uid, gid } = this.owner;
    if (this.closedFolder === null) return finish(program, args, { ...options, uid, gid });

    // A folder on the way (often /root) is closed to others, so the program gets the capability to enter it.
    const identity = [`--reuid=${uid}`, `--regid=${gid}`, '--clear-groups'];
    const finished = await finish('setpriv', [...identity, ...PASS_CLOSED_FOLDERS, program, ...args], options).catch(
      () => null,
    );
    if (finished && !finished.output.startsWith('setpriv:')) return finished;
    throw new Error(
      `PostgreSQL does not run as root, and user ${uid}, who would run it, may not enter ${this.closedFolder}: ` +
        `run "chmod o+x ${this.closedFolder}", move Maskline and its DATA_DIR to an open folder, or set DATABASE_URL.`,
    );
  }
}

async function postgresUser(): Promise<Owner> {
  const known = await idOfPostgres();
  if (known) return known;
  const how = ['--system', '--user-group', '--no-create-home', 'postgres'];
  const added = await finish('useradd', how, { env: plainEnvironment() }).catch(() => null);
  const made = await idOfPostgres();
  if (made) return made;
  throw new Error(
    'PostgreSQL does not run as root, and user postgres could not be created: create it, start Maskline as a normal ' +
      `user, or set DATABASE_URL. ${added?.output.trim() ?? ''}`.trim(),
  );
}

async function idOfPostgres(): Promise<Owner | null> {
  const [uid, gid] = await Promise.all([finish('id', ['-u', 'postgres'], {}), finish('id', ['-g', 'postgres'], {})]);
  return uid.code === 0 && gid.code === 0 ? { uid: Number(uid.output), gid: Number(gid.output) } : null;
}

/** The first folder on the way to `path` that `owner` may not enter; null if there is none. */
async function closedFolderAbove(path: string, owner: Owner): Promise<string | null> {
  const parent = dirname(path);
  const above = parent === path ? null : await closedFolderAbove(parent, owner);
  if (above !== null) return above;
  const { uid, gid, mode } = await stat(path);
  const enter = uid === owner.uid ? 0o100 : gid === owner.gid ? 0o010 : 0o001;
  return mode & enter ? null : path;
}

/**
 * Without PGPORT, PGDATA and similar variables, which would change the result; with the folders that `su` leaves out.
 */
function plainEnvironment(): NodeJS.ProcessEnv {
  const kept = Object.entries(process.env).filter(([name]) => !/^(PG|LC_|LANG)/.test(name));
  return {
    ...Object.fromEntries(kept),
    LC_ALL: 'C',
    PATH: `${process.env['PATH'] ?? ''}${delimiter}/usr/sbin${delimiter}/sbin`,
  };
}

function finish(program: string, args: readonly string[], options: SpawnOptions): Promise<Finished> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, { ...options, stdio: ['ignore', 'pipe', 'pipe'] });
    let output = '';
    const keep = (chunk: Buffer) => (output += chunk.toString());
    child.stdout?.on('data', keep);
    child.stderr?.on('data', keep);
    child.once('error', reject);
    child.once('close', (code) => resolve({ code, output }));
  });
}
