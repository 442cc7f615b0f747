import { access, constants, mkdir, realpath } from 'node:fs/promises';
import { resolve } from 'node:path';

/** Two processes cannot share a data folder: the first to stop would stop the servers of the other. */
export class DataDirInUse extends Error {
  constructor(dataDir: string, pid?: number) {
    const other = pid === undefined ? 'Another Maskline' : `Another Maskline (process ${pid})`;
    super(`${other} is using ${dataDir}: stop it, or set DATA_DIR to another folder for this one.`);
    this.name = 'DataDirInUse';
  }
}

/** Creates the folder if necessary, and returns its real path without symbolic links. */
export async function openDataDir(dataDir: string, mode = 0o755): Promise<string> {
  const path = resolve(dataDir);
  try {
    await mkdir(path, { recursive: true, mode });
    await access(path, constants.R_OK | constants.W_OK | constants.X_OK);
  } catch (cause) {
    throw new Error(`Maskline cannot write to ${path}: start it as the user who owns that folder, or set DATA_DIR.`, {
      cause,
    });
  }
  return realpath(path);
}
