import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import { PROVIDERS } from '../../../src/installation/providers.js';
import type { Setting } from '../../../src/platform/config/setting-table.js';
import { readSettings, SETTINGS } from '../../../src/platform/config/settings.js';

const root = join(import.meta.dirname, '../../..');
const example = readFileSync(join(root, '.env.example'), 'utf8');
const settings: [string, Setting][] = [
  ...Object.entries(SETTINGS),
  ...PROVIDERS.flatMap((provider) => Object.entries(provider.settings)),
];

it('names every setting in .env.example, and none that is not read', () => {
  const named = new Set([...example.matchAll(/^#?([A-Z_]+)=/gm)].map(([, name]) => name));
  named.delete('POSTGRES_PASSWORD'); // of docker-compose.yml
  expect([...named].toSorted()).toEqual(settings.map(([name]) => name).toSorted());
});

it('shows the defaults as they are', () => {
  const secrets = /KEY|TOKEN|SID|URL|SECRET|PASSWORD/;
  const shown = [...example.matchAll(/^#([A-Z_]+)=(.+)$/gm)].map(([, name, value]) => [name!, value!] as const);
  const defaults = Object.fromEntries(shown.filter(([name]) => !secrets.test(name)));
  expect(Object.keys(defaults)).toContain('PORT');
  expect(readSettings(defaults)).toEqual(readSettings({}));
});

it.each(settings)('describes %s in the words of its table, and shows its default', (name, setting) => {
  const [, comment] = new RegExp(`((?:^# .*\\n)+)(?:^#[A-Z].*\\n)*^#${name}=`, 'm').exec(example) ?? [];
  expect(comment?.replaceAll(/\n?^# /gm, ' ')).toContain(setting.description);
  if (setting.default !== null) expect(example).toContain(`\n#${name}=${setting.default}\n`);
});
