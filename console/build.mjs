import { copyFile, mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';

import { build } from 'esbuild';

const FOLDER = relative(process.cwd(), import.meta.dirname);

/**
 * Builds the web console into a folder: `index.html` and, in `assets/`, files whose names contain a hash of their
 * content, each also compressed. Nothing is inline, because the Content-Security-Policy allows only files.
 */
export async function buildConsole(out) {
  await rm(out, { recursive: true, force: true });
  const assets = join(out, 'assets');
  await mkdir(assets, { recursive: true });
  const { metafile } = await build({
    entryPoints: { index: join(FOLDER, 'main.tsx') },
    outdir: assets,
    entryNames: '[name]-[hash]',
    chunkNames: '[name]-[hash]',
    bundle: true,
    splitting: true,
    format: 'esm',
    target: 'es2023',
    jsx: 'automatic',
    minify: true,
    define: { 'process.env.NODE_ENV': '"production"' },
    legalComments: 'none',
    metafile: true,
    logLevel: 'warning',
  });
  const [script, { cssBundle, imports }] = Object.entries(metafile.outputs).find(
    ([, { entryPoint }]) => entryPoint === join(FOLDER, 'main.tsx'),
  );
  await copyFile(join(FOLDER, 'icon.svg'), join(assets, 'icon.svg'));
  const page = await readFile(join(FOLDER, 'index.html'), 'utf8');
  const to = (file) => `./${relative(out, file)}`;
  const needed = imports.filter(({ kind }) => kind === 'import-statement');
  const preloads = needed.map(({ path }) => `<link rel="modulepreload" href="${to(path)}" />`);
  const built = page
    .replace('./main.tsx', to(script))
    .replace('./main.css', to(cssBundle))
    .replace('</head>', `${preloads.join('')}</head>`);
  await writeFile(join(out, 'index.html'), built);
  await Promise.all((await readdir(assets)).map((name) => compress(join(assets, name))));
}

async function compress(file) {
  await writeFile(`${file}.gz`, await promisify(gzip)(await readFile(file), { level: 9 }));
}
