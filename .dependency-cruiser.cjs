/**
 * The import ladder. A folder may import from the folders below it, over any distance, and never from above:
 * replenishment, telephony, orders, virtual-numbers, phone-number, platform.
 */
const ladder = ['replenishment', 'telephony', 'orders', 'virtual-numbers', 'phone-number', 'platform'];

const climbs = ladder.slice(1).map((rung, index) => ({
  name: `${rung}-imports-down-the-ladder`,
  comment: `${rung} may import only itself and what stands below it; news climbs by a job.`,
  severity: 'error',
  from: { path: `^src/${rung}/` },
  to: { path: `^src/(${ladder.slice(0, index + 1).join('|')})/` },
}));

module.exports = {
  forbidden: [
    ...climbs,
    {
      name: 'exchange-stands-apart',
      comment: 'The exchange speaks HTTP to the app; of its code it knows only the spelling of numbers.',
      severity: 'error',
      from: { path: '^src/exchange/' },
      to: { path: '^src/', pathNot: '^src/(exchange|phone-number)/' },
    },
    {
      name: 'the-ladder-does-not-know-the-exchange',
      severity: 'error',
      from: { path: `^src/(${ladder.join('|')})/` },
      to: { path: '^src/exchange/' },
    },
    { name: 'no-circles', severity: 'error', from: {}, to: { circular: true } },
    {
      name: 'no-orphans',
      severity: 'error',
      from: { orphan: true, path: '^src/', pathNot: '\\.d\\.ts$' },
      to: {},
    },
    {
      name: 'declared-dependencies-only',
      severity: 'error',
      from: { path: '^(src|migrations)/' },
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
