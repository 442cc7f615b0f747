import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { startEmbeddedPostgres, type EmbeddedDatabase } from '../src/platform/embedded/embedded-postgres.js';

/** The PostgreSQL of the benchmark, in a temporary folder that is deleted when it stops. */
export class Server {
  private constructor(
    /** Also for other files of the benchmark. */
    readonly folder: string,
    private database: EmbeddedDatabase,
  ) {}

  static async start(): Promise<Server> {
    const folder = await mkdtemp(join(tmpdir(), 'maskline-bench-'));
    await chmod(folder, 0o755); // PostgreSQL may run as another user
    return new Server(folder, await startEmbeddedPostgres({ dataDir: folder }));
  }

  /** Another one after each restart. */
  get url(): string {
    return this.database.url;
  }

  /** Starts it again with these settings, or with the default ones. Ends every connection. */
  async restart(flags: Readonly<Record<string, string>> = {}): Promise<void> {
    await this.database.stop();
    this.database = await startEmbeddedPostgres({ dataDir: this.folder, flags });
  }

  async stop(): Promise<void> {
    await this.database.stop();
    await rm(this.folder, { recursive: true, force: true });
  }
}
