import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

import { openApi } from '../../../src/installation/open-api/open-api.js';
import { SettingsError } from '../../../src/platform/config/setting-table.js';
import { ReconcileService } from '../../../src/telephony/reconciliation/reconcile.service.js';
import { TestApp } from '../../support/app.js';
import { answersCalls } from '../conformance/answers-calls.js';
import { keepsThePort } from '../conformance/keeps-the-port.js';
import { tringaAdapter } from './tringa-adapter.js';
import { TRINGA } from './tringa-definition.js';
import { TringaSimulator } from './tringa-simulator.js';

let app: TestApp;
let simulator: TringaSimulator;
beforeAll(async () => {
  const started = await TringaSimulator.start();
  simulator = started.simulator;
  const settings = {
    TRINGA_API_TOKEN: simulator.token,
    TRINGA_SIGNING_KEY: simulator.signingKey,
    TRINGA_API_BASE: started.apiBase,
  };
  app = await TestApp.start({
    providers: [
      {
        definition: TRINGA,
        account: (publicUrl) =>
          TRINGA.readAccount({ ...settings, PUBLIC_BASE_URL: publicUrl })!.module({ publicUrl, country: 'GB' }),
      },
    ],
  });
});
afterAll(async () => {
  await app?.stop();
  await simulator?.close();
});

const adapter = tringaAdapter(() => simulator);

describe('a call by a third provider', () => answersCalls(adapter, () => app));

describe('an account of a third provider', () => {
  keepsThePort(adapter, () => app);

  it('is asked for the end of a call that was never reported', async () => {
    const pool = await app.pool({ country: 'GB', provider: 'tringa' }, [adapter.aNumber(), adapter.aNumber()]);
    const [customer, agent] = [adapter.aPhone(), adapter.aPhone()];
    const order = await app.order('third-unreported', customer, agent, { pool });
    const callId = adapter.aCallId();
    await adapter.ask(app, adapter.call(callId, customer, order.customer.dials));
    app.clock.push({ hours: 3 });
    await app.get(ReconcileService).askForEnds();
    app.clock.push({ hours: 3 });
    await app.get(ReconcileService).askForEnds();
    const { interactions } = (await app.api('GET', '/v1/orders/third-unreported/interactions')).body;
    expect(interactions).toMatchObject([{ providerCallId: callId, genuine: false }]);
  });

  it('is refused without its signature', async () => {
    const unsigned = { 'content-type': 'application/json', 'tringa-signature': 'guessed' };
    expect((await app.request('POST', '/hooks/tringa/call', unsigned, '{}')).status).toBe(403);
  });

  it('has its callbacks found as those of any other are', async () => {
    const answer = await app.request(
      'POST',
      '//Hooks/Tringa/TEXT_EVENT/',
      { 'content-type': 'application/json' },
      '{}',
    );
    expect(answer.status).toBe(403);
  });

  it('is one of the providers that the API lists', () => {
    const { schemas } = openApi(app.app).components!;
    expect(schemas!['OpenPoolRequest']).toMatchObject({
      properties: { provider: { enum: ['exotel', 'twilio', 'tringa'] } },
    });
  });

  it('can be the alternative provider of a pool', async () => {
    const pool = await app.pool({ country: 'GB', alternativeProvider: 'tringa' });
    expect((await app.api('GET', `/v1/pools/${pool}`)).body.alternativeProvider).toBe('tringa');
  });
});

describe('the settings of a third provider', () => {
  const account = { TRINGA_API_TOKEN: 'token', TRINGA_SIGNING_KEY: 'key', PUBLIC_BASE_URL: 'https://mask.example' };

  it('are its own: without them there is no account', () => {
    expect(TRINGA.readAccount({ PUBLIC_BASE_URL: 'https://mask.example' })).toBeNull();
    expect(TRINGA.readAccount(account)!.description).toBe('Tringa account');
  });

  it.each(['TRINGA_SIGNING_KEY', 'PUBLIC_BASE_URL'])('are refused without %s', (name) => {
    expect(() => TRINGA.readAccount({ ...account, [name]: '' })).toThrow(
      new SettingsError(`TRINGA_API_TOKEN is set but ${name} is not: set it too (see .env.example).`),
    );
  });

  it('are named where somebody opens a pool without an account of it', async () => {
    const without = await TestApp.start({ providers: [{ definition: TRINGA, account: null }] });
    const opened = await without.api('POST', '/v1/pools', { name: 'third', country: 'GB', provider: 'tringa' });
    await without.stop();
    expect(opened.body).toMatchObject({
      status: 422,
      type: '/problems/provider-not-set-up',
      detail:
        'No account of tringa is set up. Set TRINGA_API_TOKEN, TRINGA_SIGNING_KEY and PUBLIC_BASE_URL, and restart.',
    });
  });
});

it('a third provider is known to its own folder alone', () => {
  const root = join(import.meta.dirname, '../../..');
  const files = ['src', 'migrations'].flatMap((folder) =>
    readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
      .filter((file) => file.endsWith('.ts'))
      .map((file) => join(root, folder, file)),
  );
  expect(files.length).toBeGreaterThan(300);
  expect(files.filter((file) => /tringa/i.test(readFileSync(file, 'utf8')))).toEqual([]);
});

/** Where a provider may be named beside its own folder. */
const NAMED = [
  'src/installation/providers.ts', // the list
  ...['src/installation/installation.ts', 'src/platform/embedded/secrets.ts'], // under which name a secret is stored
  'src/demo/texts.ts', // plays with the exchange
];

it.each([
  ['Exotel', /exotel/i, ['src/telephony/exotel/', 'src/exotel-check/']],
  ['Twilio', /twilio/i, ['src/telephony/twilio/']],
])('%s is named by the code of its own folder and the list of providers', (_, name, folders) => {
  const root = join(import.meta.dirname, '../../..');
  const files = readdirSync(join(root, 'src'), { recursive: true, encoding: 'utf8' })
    .map((file) => `src/${file}`)
    .filter((file) => file.endsWith('.ts') && !folders.some((folder) => file.startsWith(folder)));
  const naming = files.filter((file) => name.test(withoutProse(readFileSync(join(root, file), 'utf8'))));
  expect(naming.filter((file) => !NAMED.includes(file))).toEqual([]);
});

/** Without comments and examples. */
function withoutProse(code: string): string {
  return code.replaceAll(/\/\*[^]*?\*\/|\/\/.*/g, '').replaceAll(/example: '[^']*'/g, '');
}
