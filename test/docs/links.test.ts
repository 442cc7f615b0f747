import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

const root = join(import.meta.dirname, '../..');
const docs = readdirSync(join(root, 'docs'), { recursive: true, encoding: 'utf8' }).map((name) => join('docs', name));
const pages = ['README.md', 'CHANGELOG.md', ...docs].filter((name) => name.endsWith('.md'));

/** Where a link of a page leads: a file, and a heading in it or ''. */
function linksOf(page: string): { file: string; heading: string }[] {
  const links = [...readFileSync(join(root, page), 'utf8').matchAll(/\]\(([^)\s]+)\)/g)].map(([, link]) => link!);
  return links
    .filter((link) => !/^https?:/.test(link))
    .map((link) => {
      const [file = '', heading = ''] = link.split('#');
      return { file: file === '' ? page : join(dirname(page), file), heading };
    });
}

/** The anchors of a page's headings, as GitHub makes them. */
function anchorsOf(page: string): string[] {
  const headings = [...readFileSync(join(root, page), 'utf8').matchAll(/^#+ (.+)$/gm)];
  return headings.map(([, text]) =>
    text!
      .toLowerCase()
      .replace(/[^\p{L}\p{N}_ -]/gu, '')
      .replaceAll(' ', '-'),
  );
}

it.each(pages)('every link of %s leads to a page and a heading that exist', (page) => {
  const broken = linksOf(page).filter(
    ({ file, heading }) => !existsSync(join(root, file)) || (heading !== '' && !anchorsOf(file).includes(heading)),
  );
  expect(broken).toEqual([]);
});
