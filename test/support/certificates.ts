import { execFile } from 'node:child_process';
import { rmSync } from 'node:fs';
import { chmod, mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** Files of a certificate authority, and of a server that it has certified. */
export interface Certificates {
  readonly ca: string;
  readonly cert: string;
  readonly key: string;
}

/** Certifies a server by a new authority, for some hours. @param names as in `DNS:localhost,IP:127.0.0.1` */
export async function certify(names: string): Promise<Certificates> {
  const folder = await mkdtemp(join(tmpdir(), 'maskline-tls-'));
  await chmod(folder, 0o755);
  process.once('exit', () => rmSync(folder, { recursive: true, force: true }));
  const file = (name: string) => join(folder, name);
  const [ca, cert, key] = [file('ca.pem'), file('cert.pem'), file('key.pem')];
  const openssl = async (...args: string[]) => run('openssl', args, { cwd: folder });
  const anew = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'];
  await openssl('req', '-x509', ...anew, '-keyout', 'ca.key', '-out', ca, '-days', '1', '-subj', '/CN=Tests');
  await openssl('req', ...anew, '-keyout', key, '-out', 'request.pem', '-subj', '/CN=server');
  await writeFile(file('names'), `subjectAltName=${names}`);
  const signed = ['-CA', ca, '-CAkey', 'ca.key', '-CAcreateserial', '-days', '1', '-extfile', 'names'];
  await openssl('x509', '-req', '-in', 'request.pem', ...signed, '-out', cert);
  return { ca, cert, key };
}
