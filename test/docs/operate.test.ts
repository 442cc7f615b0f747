import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

import { SUPPLY_EVENTS } from '../../src/replenishment/supply-events/supply-event.entity.js';

const root = join(import.meta.dirname, '../..');
const page = readFileSync(join(root, 'docs/operate.md'), 'utf8');
const code = readdirSync(join(root, 'src'), { recursive: true, encoding: 'utf8' })
  .filter((file) => file.endsWith('.ts') && !file.startsWith('demo/'))
  .map((file) => readFileSync(join(root, 'src', file), 'utf8'))
  .join('\n');

function unlisted(names: Iterable<string>): string[] {
  return [...new Set(names)].filter((name) => !page.includes(name)).toSorted();
}

it('docs/operate.md lists every log line of level warn and error', () => {
  const calls = code.matchAll(/(?:[lL]ogger(?:\)|\b)[^;]{0,40}?\.(?:warn|error)|outages\.failed)\(([^;]+?)\);/g);
  const messages = [...calls].flatMap(([, call]) =>
    [...call!.matchAll(/'([a-z][^']* [^']+)'/g)].map(([, said]) => said!),
  );
  expect(messages.length).toBeGreaterThan(50);
  expect(unlisted(messages)).toEqual([]);
});

it('docs/operate.md lists every metric', () => {
  const names = [...code.matchAll(/'((?:maskline|http)_[a-z_]+)'/g)].map(([, name]) => name!);
  expect(names.length).toBeGreaterThan(30);
  expect(unlisted(names)).toEqual([]);
});

it('docs/operate.md lists every field of a log line', () => {
  const objects = code.matchAll(
    /(?:[lL]ogger(?:\)|\b)[^;]{0,40}?\.(?:info|warn|error)|outages\.failed)\(\s*(?:this\.logger,\s*)?\{([^;]*?)\},?\s*'/g,
  );
  const names = [...objects].flatMap(([, fields]) =>
    fields!
      .replace(/\{[^{}]*\}|\([^()]*\)/g, '')
      .split(',')
      .map((field) => field.split(':')[0]!.trim())
      .filter((name) => /^\w+$/.test(name)),
  );
  const [, section = ''] = /^## Log fields\n([^]*?)^## /m.exec(page) ?? [];
  expect(new Set(names).size).toBeGreaterThan(50);
  expect([...new Set(names)].filter((name) => !section.includes(`\`${name}\``))).toEqual([]);
});

it('docs/operate.md lists every supply event', () => {
  expect(unlisted(SUPPLY_EVENTS)).toEqual([]);
});

it('docs/operate.md groups the signs by severity', () => {
  const headings = [...page.matchAll(/^## (.+)$/gm)].map(([, heading]) => heading);
  expect(headings.slice(0, 3)).toEqual(['Page somebody now', 'Look today', 'For your information']);
});
