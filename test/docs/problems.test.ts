import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const root = join(import.meta.dirname, '../..');
const page = readFileSync(join(root, 'docs/problems.md'), 'utf8');

/** Every slug in the code with its status; null where a slug has several. */
function slugsInCode(): Map<string, string | null> {
  const files = readdirSync(join(root, 'src'), { recursive: true, encoding: 'utf8' });
  const code = files
    .filter((file) => file.endsWith('.ts'))
    .map((file) => readFileSync(join(root, 'src', file), 'utf8'));
  const kinds = code.join('\n').matchAll(/\bslug: '([a-z-]+)',\s+status(?:: (\d+))?,/g);
  return new Map([...kinds].map(([, slug, status]) => [slug!, status ?? null]));
}

it('docs/problems.md lists every problem with its status, and none that does not exist', () => {
  const listed = new Map(
    [...page.matchAll(/^\| `([a-z-]+)` \| ([\d, ]+) \|/gm)].map(([, slug, status]) => [slug!, status!]),
  );
  const slugs = slugsInCode();
  expect(slugs.size).toBeGreaterThan(30);
  expect([...listed.keys()].toSorted()).toEqual([...slugs.keys()].toSorted());
  for (const [slug, status] of slugs) if (status !== null) expect([slug, listed.get(slug)]).toEqual([slug, status]);
});
