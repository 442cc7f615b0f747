import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const root = join(import.meta.dirname, '..');

interface File {
  readonly path: string;
  readonly text: string;
  readonly words: ReadonlySet<string>;
}

function filesIn(folder: string): File[] {
  return readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts'))
    .map((name) => {
      const text = readFileSync(join(root, folder, name), 'utf8');
      return { path: join(folder, name), text, words: new Set(text.match(/[\w$]+/g)) };
    });
}

const product = [...filesIn('src'), ...filesIn('exchange')];
const tests = [...filesIn('test'), ...filesIn('migrations')];
const tools = [...filesIn('bench'), ...filesIn('simulation')];

/** What a product file exports: its kind, its name and how often its own file names it, the export included. */
const EXPORT = /^export (?:abstract |async )*(const|function|class|interface|type) ([\w$]+)/gm;
const exported = product.flatMap((file) =>
  [...file.text.matchAll(EXPORT)].map(([, kind, name]) => ({
    file,
    name: name!,
    isValue: kind === 'const' || kind === 'function',
    namedHere: file.text.match(new RegExp(`\\b${name!.replaceAll('$', '\\$')}\\b`, 'g'))!.length,
  })),
);
const isNamedIn = (files: readonly File[], { file, name }: (typeof exported)[number]) =>
  files.some((other) => other !== file && other.words.has(name));

it('finds the exports of the product', () => {
  expect(exported.length).toBeGreaterThan(500);
});

it('exports no constant or function that only bench, simulation or its own file uses', () => {
  const unused = exported.filter((one) => one.isValue && !isNamedIn([...product, ...tests], one));
  expect(unused.map(({ file, name }) => `${file.path}: ${name}`)).toEqual([]);
});

it('exports no type or class that nothing uses', () => {
  const unused = exported.filter((one) => one.namedHere === 1 && !isNamedIn([...product, ...tests, ...tools], one));
  expect(unused.map(({ file, name }) => `${file.path}: ${name}`)).toEqual([]);
});
