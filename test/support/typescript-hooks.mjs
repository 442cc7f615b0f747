import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { fileURLToPath, URL } from 'node:url';

import { transform } from '@swc/core';

/** TypeScript is imported by the name of what it becomes: `./orders.js` may be `./orders.ts`. */
export async function resolve(specifier, context, next) {
  const url = specifier.startsWith('.') ? new URL(specifier, context.parentURL) : null;
  if (url?.protocol === 'file:' && url.pathname.endsWith('.js') && !existsSync(url)) {
    return next(url.href.replace(/\.js$/, '.ts'), context);
  }
  return next(specifier, context);
}

export async function load(url, context, next) {
  if (!url.startsWith('file:') || !url.endsWith('.ts')) return next(url, context);
  const filename = fileURLToPath(url);
  const { code } = await transform(await readFile(filename, 'utf8'), { sourceMaps: 'inline', filename });
  return { format: 'module', source: code, shortCircuit: true };
}
