/**
 * Bundles the packages that the compiled programs import into one file, in dist/node_modules. Beside it, each package gets
 * a small module that exports its part of the bundle. Node looks in dist/node_modules before it looks in node_modules. A
 * process loads one file in half the time that two thousand take (docs/decisions/0130-packages-are-bundled.md).
 */
import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join, relative } from 'node:path';

/**
 * Left in node_modules: lmdb is native, few processes need OpenTelemetry, twilio loads of its thousand files only those
 * that are used, and zod reads the settings, before anything else is needed. They import nothing that is bundled, so
 * nothing is loaded twice.
 */
const NOT_BUNDLED = /^(?:lmdb|twilio|zod|@opentelemetry\/.*)$/;

/** Loaded from node_modules at run time: what may be missing, is native, or finds its files by path. */
const EXTERNAL = [
  '@fastify/multipart',
  '@fastify/view',
  '@nestjs/microservices',
  '@nestjs/platform-express',
  '@nestjs/websockets',
  'class-transformer/storage',
  'file-type',
  'msgpackr-extract',
  'pg-native',
  'swagger-ui-dist',
];

/** swc writes each import on a line of its own. */
const IMPORT = /^(?:import|export) (?:.* from )?['"]([^'".#][^'"]*)['"]|\bimport\(['"]([^'".#][^'"]*)['"]\)/gm;

/** In a folder, because util.inspect of Node 20 does not come to an end with a stack of a file right in node_modules. */
const BUNDLE = '.bundle/packages.mjs';

/** For the packages that are CommonJS. */
const BANNER = `import { createRequire as requireOf } from 'node:module';
const require = requireOf(import.meta.url);
const __filename = import.meta.filename;
const __dirname = import.meta.dirname;
`;

/** What Node adds to the names that a module of CommonJS exports. */
const OF_COMMON_JS = ['__esModule', 'module.exports'];

const nameOf = (specifier) => /^(?:@[^/]+\/)?[^/]+/.exec(specifier)[0];

/** What the files import of the packages that Maskline depends on; packages of development stay where they are. */
export async function importedPackages(files) {
  const { dependencies } = JSON.parse(await readFile('package.json', 'utf8'));
  const texts = await Promise.all(files.map((file) => readFile(file, 'utf8')));
  const imported = texts.flatMap((text) => [...text.matchAll(IMPORT)].map(([, plain, later]) => plain ?? later));
  const isBundled = (name) => name in dependencies && !NOT_BUNDLED.test(name);
  return [...new Set(imported)].filter((specifier) => isBundled(nameOf(specifier))).toSorted();
}

/**
 * A package runs when it is first imported, and its files in the order in which Node would run them. So esbuild must not
 * split the bundle: it would run what is imported for its effect, as reflect-metadata is, after what needs the effect.
 *
 * @param specifiers as in the imports: `typeorm`, `csv-parse/sync`
 */
export async function bundlePackages(specifiers, folder) {
  const { build } = await import('esbuild'); // most builds do not need it
  const [entries, unfinished] = [`${folder}.entries`, `${folder}.unfinished`];
  await Promise.all([entries, unfinished, folder].map((one) => rm(one, { recursive: true, force: true })));
  const manifests = {};
  const all = [];
  for (const specifier of specifiers) {
    const name = nameOf(specifier);
    const subpath = specifier.slice(name.length + 1);
    const file = join(name, `${subpath || 'index'}.mjs`);
    const names = Object.keys(await import(specifier)).filter((one) => !OF_COMMON_JS.includes(one));
    await write(join(entries, file), `export { ${names.join(', ')} } from '${specifier}';\n`);
    await write(join(unfinished, file), exporting(specifier, names, relative(dirname(file), BUNDLE)));
    all.push(`'${specifier}': () => require('${relative(dirname(BUNDLE), file)}'),`);
    manifests[name] ??= { name, exports: {} };
    manifests[name].exports[subpath ? `./${subpath}` : '.'] = `./${relative(name, file)}`;
  }
  for (const [name, manifest] of Object.entries(manifests)) {
    await write(join(unfinished, name, 'package.json'), JSON.stringify(manifest));
  }
  await write(join(entries, BUNDLE), `export const packages = {\n${all.join('\n')}\n};\n`);
  await build({
    entryPoints: [join(entries, BUNDLE)],
    outfile: join(unfinished, BUNDLE),
    bundle: true,
    format: 'esm',
    platform: 'node',
    target: 'node20',
    conditions: [], // of what a package has for Node and for bundlers, that for Node
    keepNames: true,
    external: EXTERNAL,
    plugins: [bundleWhatIsRequired],
    banner: { js: BANNER },
    logLevel: 'warning',
  });
  const bundle = join(unfinished, BUNDLE);
  await writeFile(bundle, inAscii(namingOnlyClasses(await readFile(bundle, 'utf8'))));
  await rename(unfinished, folder);
  await rm(entries, { recursive: true });
}

function exporting(specifier, names, bundle) {
  const taken = names.map((name) => `${name}: _${name}`).join(', ');
  const given = names.map((name) => `_${name} as ${name}`).join(', ');
  return `import { packages } from '${bundle}';
const { ${taken} } = packages['${specifier}']();
export { ${given} };
`;
}

const NAME = 'var __name = (target, value) => __defProp(target, "name", { value, configurable: true });';

/**
 * Keeps the names of classes, which Nest and the log use. esbuild would also set the name of every function, each time one
 * is made. Many are made for each request, and naming them took 4 % of the processor time of a decision.
 */
function namingOnlyClasses(source) {
  if (!source.includes(NAME)) throw new Error('esbuild names classes and functions in another way than before.');
  return source
    .replace(NAME, `${NAME.replace('__name', '__nameClass')}\nvar __name = (target) => target;`)
    .replaceAll('__name(this, "', '__nameClass(this, "');
}

/** With one character outside Latin-1, V8 keeps two bytes of memory for each. esbuild escapes those in strings only. */
function inAscii(source) {
  return source.replace(/[\u0080-\uffff]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`);
}

/** ES modules that make a `require` of their own would load a second copy of what is bundled. */
const bundleWhatIsRequired = {
  name: 'bundle-what-is-required',
  setup: ({ onLoad }) =>
    onLoad({ filter: /@nestjs\/(?:mapped-types|swagger|typeorm)\/.*\.js$/ }, async ({ path }) => ({
      contents: (await readFile(path, 'utf8')).replace('const require = createRequire(import.meta.url);', ''),
    })),
};

async function write(file, content) {
  await mkdir(dirname(file), { recursive: true });
  await writeFile(file, content);
}
