import { randomBytes } from 'node:crypto';
import { link, open, readFile, rename, rm, writeFile } from 'node:fs/promises';

/** The text of a file; null if there is none. */
export async function readIfThere(path: string): Promise<string | null> {
  try {
    return await readFile(path, 'utf8');
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw new Error(`${path} cannot be read: start Maskline as the user who owns it, or set DATA_DIR.`, { cause });
  }
}

/**
 * Creates a file that only its owner can read, completely or not at all, unless it exists. A link, unlike a rename,
 * keeps a file that another process created first, so read the file afterwards.
 */
export async function createPrivateFile(path: string, text: string): Promise<void> {
  const draft = await writeDraft(path, text);
  try {
    await link(draft, path);
    await rm(draft);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'EEXIST') return rm(draft);
    if (code !== 'EPERM' && code !== 'ENOTSUP' && code !== 'ENOSYS') throw error;
    await rename(draft, path); // a file system without hard links
  }
}

/** Creates a log file that only its owner can read, and corrects the mode of an existing one. @returns its path */
export async function privateLog(path: string): Promise<string> {
  const file = await open(path, 'a', 0o600);
  await file.chmod(0o600).finally(() => file.close());
  return path;
}

async function writeDraft(path: string, text: string): Promise<string> {
  const draft = `${path}.new-${randomBytes(6).toString('hex')}`;
  await writeFile(draft, text, { mode: 0o600, flag: 'wx', flush: true });
  return draft;
}
