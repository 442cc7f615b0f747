import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';

import fastifyStatic from '@fastify/static';
import type { FastifyInstance } from 'fastify';

/** What `npm run build` makes of `console/`. */
const FILES = join(dirname(createRequire(import.meta.url).resolve('#package.json')), 'dist/console');
const BASE = '<base href="/console/" />';
const HOME = 'console/';
const ROOT = '<html lang="en">';

/**
 * Serves the web console below `/console/`, and sends visitors of `/` there. Each path below it that is no file is the
 * same page, which shows what the path names. All addresses are relative, so a proxy may serve them below any path.
 *
 * @param options.hasPlayground whether the console shows its playground, which needs the exchange
 */
export async function serveConsole(
  server: FastifyInstance,
  { hasPlayground }: { readonly hasPlayground: boolean },
): Promise<void> {
  if (!existsSync(FILES)) return; // not built; the API works without it
  const built = await readFile(join(FILES, 'index.html'), 'utf8');
  for (const part of [BASE, ROOT]) {
    if (!built.includes(part)) throw new Error(`console/index.html lacks ${part}, which is changed here.`);
  }
  const page = hasPlayground ? built.replace(ROOT, ROOT.replace('>', ' data-playground>')) : built;
  // The name of each file contains a hash of its content, so it never changes.
  const files = { root: join(FILES, 'assets'), preCompressed: true, immutable: true, maxAge: '365d' };
  await server.register(fastifyStatic, { ...files, prefix: '/console/assets/', decorateReply: false });
  server.get('/', (_request, reply) => reply.redirect(HOME));
  server.get('/console', (_request, reply) => reply.redirect(HOME));
  server.get('/console/*', ({ url }, reply) => {
    const [path = ''] = url.split('?');
    const depth = path.split('/').length - '/console/'.split('/').length;
    const base = BASE.replace('/console/', '../'.repeat(depth) || './');
    return reply.type('text/html; charset=utf-8').header('cache-control', 'no-cache').send(page.replace(BASE, base));
  });
}
