import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { join } from 'node:path';

import { openDataDir } from './data-dir.js';
import { createPrivateFile, readIfThere } from './private-file.js';

/** The secrets that the settings leave out. */
export interface Secrets {
  readonly apiKey: string;
  /** 32 bytes, base64. */
  readonly phoneEncryptionKey: string;
  /** 32 bytes, base64. */
  readonly phoneLookupKey: string;
  readonly exotelHookSecret: string;
  readonly exchangeApiKey: string;
  readonly exchangeApiToken: string;
}

const KEY_BYTES = 32;
const TOKEN_BYTES = 24;

/**
 * The secrets of this data folder, stored in `secrets.json`. Created at its first start, before the database.
 *
 * @throws Error if the file cannot be read as secrets, or is missing while the database exists. It is never created
 *   again: without its keys every stored phone is lost, while somebody may still have a copy of the file.
 */
export async function embeddedSecrets(dataDir: string): Promise<Secrets> {
  const folder = await openDataDir(dataDir);
  const path = join(folder, 'secrets.json');
  const hasDatabase = existsSync(join(folder, 'postgres')); // checked first, because another process may be creating both
  if ((await readIfThere(path)) === null) {
    if (hasDatabase) throw unusable(path, 'is missing, and the database beside it was written with its keys');
    await createPrivateFile(path, `${JSON.stringify(generate(), null, 2)}\n`);
  }
  return parse((await readIfThere(path)) ?? '', path);
}

function generate(): Secrets {
  const token = () => randomBytes(TOKEN_BYTES).toString('base64url');
  return {
    apiKey: `mk_${token()}`,
    phoneEncryptionKey: randomBytes(KEY_BYTES).toString('base64'),
    phoneLookupKey: randomBytes(KEY_BYTES).toString('base64'),
    exotelHookSecret: token(),
    exchangeApiKey: token(),
    exchangeApiToken: token(),
  };
}

function unusable(path: string, what: string): Error {
  return new Error(
    `${path} ${what}: restore a copy of it. If every phone stored so far may be lost, delete its folder instead.`,
  );
}

function parse(text: string, path: string): Secrets {
  const why = (what: string) => unusable(path, what);
  let secrets: Partial<Record<string, unknown>>;
  try {
    secrets = Object(JSON.parse(text)) as typeof secrets;
  } catch {
    throw why('is not JSON'); // without its cause, which quotes the file
  }
  const token = (name: keyof Secrets): string => {
    const value = secrets[name];
    if (typeof value !== 'string' || value === '') throw why(`lacks ${name}`);
    return value;
  };
  const key = (name: keyof Secrets): string => {
    const value = token(name);
    if (Buffer.from(value, 'base64').length !== KEY_BYTES) throw why(`has a ${name} that is not 32 bytes in base64`);
    return value;
  };
  return {
    apiKey: token('apiKey'),
    phoneEncryptionKey: key('phoneEncryptionKey'),
    phoneLookupKey: key('phoneLookupKey'),
    exotelHookSecret: token('exotelHookSecret'),
    exchangeApiKey: token('exchangeApiKey'),
    exchangeApiToken: token('exchangeApiToken'),
  };
}
