import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { databasesFolder } from './databases-folder.js';
import { eventually } from './eventually.js';

const NGINX = process.env['TEST_NGINX'] || null;

/** Tests that need nginx. On a machine without it they are left out, and the run names that at its end. */
export const describeWithNginx = describe.runIf(NGINX !== null);

const PAGE = new URL('../../docs/reverse-proxy.md', import.meta.url);

/** An nginx with the configuration of docs/reverse-proxy.md, in front of processes on this machine. */
export class Nginx {
  private constructor(
    readonly url: string,
    private readonly folder: string,
    private readonly child: ChildProcess,
  ) {}

  /**
   * @param port where it listens
   * @param ports of the processes, as many as the page has servers
   */
  static async start(port: number, ports: readonly (string | number)[]): Promise<Nginx> {
    const folder = await mkdtemp(join(databasesFolder(), 'maskline-nginx-'));
    await chmod(folder, 0o755);
    await writeFile(join(folder, 'nginx.conf'), await configuration(folder, port, ports));
    const child = spawn(NGINX!, ['-p', folder, '-c', 'nginx.conf', '-e', 'error.log'], { stdio: 'ignore' });
    const nginx = new Nginx(`http://127.0.0.1:${port}`, folder, child);
    await eventually(async () => (await fetch(`${nginx.url}/health/live`).catch(() => null)) !== null);
    return nginx;
  }

  /** Everything that it has written to its logs. */
  async logs(): Promise<{ access: string; error: string }> {
    const read = async (name: string) => readFile(join(this.folder, name), 'utf8').catch(() => '');
    return {
      access: await read('maskline.log'),
      error: (await read('error.log')) + (await read('maskline-error.log')),
    };
  }

  async stop(): Promise<void> {
    const ended = once(this.child, 'exit');
    this.child.kill('SIGQUIT');
    await ended;
    await rm(this.folder, { recursive: true, force: true });
  }
}

/** The page's blocks, with the addresses and files of this machine, and without TLS. */
async function configuration(folder: string, port: number, ports: readonly (string | number)[]): Promise<string> {
  const blocks = [...(await readFile(PAGE, 'utf8')).matchAll(/^```nginx\n([^]*?)^```/gm)].map(([, block]) => block!);
  const [site, prefixMap, prefixLocations] = blocks as [string, string, string];
  const left = [...ports];
  const here = site
    .replace(/listen 443 ssl;/, `listen 127.0.0.1:${port};`)
    .replace(/^ *ssl_certificate.*$/gm, '')
    .replaceAll('/var/log/nginx/', `${folder}/`)
    .replace(/server \S+:3000/g, () => `server 127.0.0.1:${left.shift()}`)
    .replace(/\}\s*$/, `${prefixLocations}}\n`);
  const folders = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map(
    (use) => `${use}_temp_path ${folder}/${use};`,
  );
  const user = process.getuid?.() === 0 ? 'user root;' : '';
  return `
    ${user} daemon off; worker_processes 1; pid ${folder}/nginx.pid;
    events { worker_connections 1024; }
    http { ${folders.join(' ')} access_log off; ${prefixMap} ${here} }`;
}
