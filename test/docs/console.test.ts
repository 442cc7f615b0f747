import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';

import { pathsOfTheConsole, pictureOf, WIDTHS } from '../support/console-pictures.js';

const docs = join(import.meta.dirname, '../../docs');
const page = readFileSync(join(docs, 'console.md'), 'utf8');
const readme = readFileSync(join(docs, '../README.md'), 'utf8');
const MOST_BYTES = 80_000;

it('every page of the console is in docs/console.md, with a picture at each width', () => {
  const paths = pathsOfTheConsole();
  expect(paths).toContain('/orders/$reference');
  const pictures = paths.flatMap((path) => WIDTHS.map((width) => `console/${pictureOf(path)}-${width}.webp`));
  expect(pictures.filter((picture) => !page.includes(`src="${picture}"`))).toEqual([]);
});

it('every picture of the console is shown, and is small', () => {
  const shown = [...page.matchAll(/src="(console\/[^"]+)" alt="[^"]+"/g)].map(([, picture]) => picture);
  const files = readdirSync(join(docs, 'console')).map((name) => `console/${name}`);
  expect(shown.toSorted()).toEqual(files.toSorted());
  const large = files.filter((file) => statSync(join(docs, file)).size > MOST_BYTES);
  expect(large).toEqual([]);
  for (const [, file] of readme.matchAll(/docs\/(console\/[^)"]+)/g)) expect(files).toContain(file);
});
