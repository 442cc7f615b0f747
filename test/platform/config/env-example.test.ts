import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import { PROVIDERS } from '../../../src/installation/providers.js';
import { readSettings } from '../../../src/platform/config/settings.js';

const root = join(import.meta.dirname, '../../..');
const example = readFileSync(join(root, '.env.example'), 'utf8');
const ofProviders = PROVIDERS.flatMap(({ settings }) => Object.entries(settings));

it('names every setting in .env.example, and none that is not read', () => {
  const code = readFileSync(join(root, 'src/platform/config/settings.ts'), 'utf8');
  const read = new Set([...code.matchAll(/'([A-Z]+(?:_[A-Z]+)*)'/g)].map(([, name]) => name).filter(isSetting));
  for (const [name] of ofProviders) read.add(name);
  const named = new Set([...example.matchAll(/^#?([A-Z_]+)=/gm)].map(([, name]) => name));
  named.delete('POSTGRES_PASSWORD'); // of docker-compose.yml
  expect([...named].toSorted()).toEqual([...read].toSorted());
});

it('shows the defaults as they are', () => {
  const secrets = /KEY|TOKEN|SID|URL|SECRET|PASSWORD/;
  const shown = [...example.matchAll(/^#([A-Z_]+)=(.+)$/gm)].map(([, name, value]) => [name!, value!] as const);
  const defaults = Object.fromEntries(shown.filter(([name]) => !secrets.test(name)));
  expect(Object.keys(defaults)).toContain('PORT');
  expect(readSettings(defaults)).toEqual(readSettings({}));
});

it.each(ofProviders)('describes %s in the words of its table, and shows its default', (name, setting) => {
  const [, comment] = new RegExp(`((?:^# .*\\n)+)(?:^#[A-Z].*\\n)*^#${name}=`, 'm').exec(example) ?? [];
  expect(comment?.replaceAll(/\n?^# /gm, ' ')).toContain(setting.description);
  if (setting.default !== null) expect(example).toContain(`\n#${name}=${setting.default}\n`);
});

/** Not the default country. */
function isSetting(name: string | undefined): boolean {
  return name !== undefined && name.length > 2;
}
