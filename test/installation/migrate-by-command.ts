import { spawn } from 'node:child_process';
import { join } from 'node:path';

import { PROJECT } from '../platform/embedded/support.js';

interface Ended {
  readonly code: number | null;
  readonly said: string;
  readonly failed: string;
}

/** `node dist/src/migrate.js`, far from any `.env`. */
export async function migrateByCommand(env: Record<string, string>): Promise<Ended> {
  const program = join(PROJECT, 'dist/src/migrate.js');
  const child = spawn(process.execPath, [program], { cwd: '/', env, stdio: ['ignore', 'pipe', 'pipe'] });
  let [said, failed] = ['', ''];
  child.stdout.on('data', (chunk: Buffer) => (said += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (failed += chunk.toString()));
  const code = await new Promise<number | null>((resolve) => child.once('close', resolve));
  return { code, said, failed };
}
