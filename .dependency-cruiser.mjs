import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';

/**
 * The import ladder. A module may import from the modules below it, over any distance, and never from above. Inside a
 * module its folders form a ladder too, listed from the top.
 */
const ladder = ['status', 'replenishment', 'telephony', 'orders', 'virtual-numbers', 'phone-number', 'platform'];

/** The folders of the providers. */
const telephony = join(import.meta.dirname, 'src/telephony');
const providers = readdirSync(telephony).filter((name) => existsSync(join(telephony, name, `${name}-definition.ts`)));
const aProvider = `^src/telephony/(${providers.join('|')})/`;

const folders = {
  'src/replenishment': [
    'policy-preview',
    'round',
    'number-health',
    'inventory',
    'forecast',
    'purchases',
    'supply-events',
  ],
  'src/telephony': [
    ...providers.flatMap((provider) => [`${provider}/texts`, `${provider}/calls`, provider]),
    ...['search', 'explain', 'persons', 'reconciliation', 'announcements', 'outgoing', 'interactions'],
    ...['texts', 'texts/redaction', 'recordings', 'greetings', 'calls', 'decisions', 'tries', 'providers'],
  ],
  'src/orders': [
    ...[
      'access',
      'ended',
      'search',
      'intake',
      'webhooks',
      'feed',
      'lifecycle',
      'participants',
      'links',
      'alternate-phones',
    ],
    ...['restoration', 'views', 'order'],
  ],
  'src/virtual-numbers': ['numbers', 'history', 'restoration', 'replica', 'assignments', 'pools'],
  'src/platform': [
    ...['config', 'retention', 'queue', 'restoration', 'http/problems', 'http/server', 'health', 'embedded'],
    ...['keys', 'sessions', 'audit', 'webhooks', 'http/idempotency', 'http/authentication', 'http'],
    ...['replication', 'database', 'database/connections', 'observability', 'start', 'clock'],
  ],
  exchange: ['operator', 'twilio', 'exotel', 'phones', 'network'],
};

const climbs = ladder.slice(1).map((rung, index) => ({
  name: `${rung}-imports-down-the-ladder`,
  comment: `${rung} may import only itself and what stands below it; news climbs by a job.`,
  severity: 'error',
  from: { path: `^src/${rung}/` },
  to: { path: `^src/(${ladder.slice(0, index + 1).join('|')})/` },
}));

/** A file directly in a folder; `*.module.ts` only wires, so it may import its subfolders. */
const fileIn = (module, folder) => `^${module}/${folder}/[^/]+\\.ts$`;

const climbsInside = Object.entries(folders).flatMap(([module, rungs]) =>
  rungs.slice(1).map((rung, index) => ({
    name: `${module}-${rung}-imports-down-its-module`,
    comment: `${module}/${rung} may import only the folders listed after it.`,
    severity: 'error',
    from: { path: fileIn(module, rung), pathNot: '\\.module\\.ts$' },
    to: {
      path: rungs.slice(0, index + 1).map((above) => fileIn(module, above)),
      pathNot: '\\.module\\.ts$',
    },
  })),
);

export default {
  forbidden: [
    ...climbs,
    ...climbsInside,
    {
      name: 'providers-are-known-to-one-list',
      comment:
        'All other code asks the registry of providers. The check of an Exotel account is a tool of that provider.',
      severity: 'error',
      from: { path: '^src/', pathNot: [aProvider, '^src/installation/providers\\.ts$', '^src/exotel-check/'] },
      to: { path: aProvider },
    },
    {
      name: 'providers-stand-apart',
      comment: 'A provider knows nothing of another.',
      severity: 'error',
      from: { path: aProvider },
      to: { path: aProvider, pathNot: '^src/telephony/$1/' },
    },
    {
      name: 'exchange-stands-apart',
      comment: 'The exchange speaks HTTP to the app; of its code it knows only the spelling of numbers.',
      severity: 'error',
      from: { path: '^exchange/' },
      to: { path: '^src/', pathNot: '^src/phone-number/' },
    },
    {
      name: 'console-stands-apart',
      comment: 'The console speaks HTTP to the public API, and runs in a browser.',
      severity: 'error',
      from: { path: '^console/' },
      to: { path: '^(src|exchange|migrations|bench|simulation)/' },
    },
    {
      name: 'nobody-imports-the-console',
      severity: 'error',
      from: { path: '^(src|exchange|migrations|bench|simulation)/' },
      to: { path: '^console/' },
    },
    {
      name: 'the-ladder-does-not-know-the-exchange',
      severity: 'error',
      from: { path: `^src/(${ladder.join('|')})/` },
      to: { path: '^exchange/' },
    },
    { name: 'no-circles', severity: 'error', from: {}, to: { circular: true } },
    {
      name: 'no-orphans',
      severity: 'error',
      from: { orphan: true, path: '^(src|exchange|console)/', pathNot: '\\.(d\\.ts|mjs|html|svg|json)$' },
      to: {},
    },
    {
      name: 'declared-dependencies-only',
      severity: 'error',
      from: { path: '^(src|exchange|migrations)/' },
      to: { dependencyTypes: ['npm-no-pkg', 'npm-unknown', 'npm-dev'], pathNot: '^node_modules/@types/' },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    tsConfig: { fileName: 'tsconfig.json' },
    tsPreCompilationDeps: true,
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'require', 'node', 'default', 'types'],
    },
  },
};
