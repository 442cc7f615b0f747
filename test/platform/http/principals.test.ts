import { createHash } from 'node:crypto';
import { subscribe, unsubscribe } from 'node:diagnostics_channel';

import type { ExecutionContext } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';

import { AuditService } from '../../../src/platform/audit/audit.service.js';
import { AccessGuard } from '../../../src/platform/http/authentication/access.guard.js';
import { MissingScope } from '../../../src/platform/http/authentication/access.problems.js';
import type { KeyPrincipal, Principal } from '../../../src/platform/http/authentication/principal.js';
import { EndpointNotFound, MissingKey } from '../../../src/platform/http/request.problems.js';
import { mustNameScope, type RouteAccess } from '../../../src/platform/http/authentication/route-access.js';
import { SCOPES, type Scope } from '../../../src/platform/http/authentication/scopes.js';
import { API_KEY, aPhone, numbers, TestApp } from '../../support/app.js';

/** What Fastify publishes as a handler begins. */
const HANDLER_BEGINS = 'tracing:fastify.request.handler:start';

const KEY: KeyPrincipal = {
  kind: 'key',
  name: 'API_KEY',
  isOfEnvironment: true,
  id: createHash('sha256').update(API_KEY).digest('hex').slice(0, 8),
  scopes: SCOPES,
  pools: null,
  address: '127.0.0.1',
};
const SUPPORT: KeyPrincipal = {
  ...KEY,
  id: '0badcafe',
  name: 'support desk',
  scopes: ['support'],
  isOfEnvironment: false,
};

let maskline: TestApp;
beforeAll(async () => {
  maskline = await TestApp.start({ exotelTexts: true });
});
afterAll(() => maskline?.stop());

/** The principals of the requests whose handlers begin while `work` runs. */
async function principalsDuring(work: () => Promise<unknown>): Promise<(Principal | null)[]> {
  const seen: (Principal | null)[] = [];
  const see = (message: unknown) => seen.push((message as { request: FastifyRequest }).request.principal);
  subscribe(HANDLER_BEGINS, see);
  try {
    await work();
  } finally {
    unsubscribe(HANDLER_BEGINS, see);
  }
  return seen;
}

describe('the principal of a request', () => {
  it('is its key', async () => {
    expect(await principalsDuring(() => maskline.api('GET', '/v1/pools'))).toEqual([KEY]);
  });

  it('is the provider of a callback, at routes of Nest and of Fastify', async () => {
    const dialled = numbers(1)[0]!;
    const exotel: Principal = { kind: 'provider', name: 'exotel' };
    const twilio: Principal = { kind: 'provider', name: 'twilio' };
    expect(await principalsDuring(() => maskline.call(aPhone(), dialled))).toEqual([exotel]);
    expect(await principalsDuring(() => maskline.exotel('GET', 'reason', { CallSid: 'f'.repeat(32) }))).toEqual([
      exotel,
    ]);
    const form = { CallSid: `CA${'1'.repeat(32)}`, From: aPhone(), To: dialled };
    const seen = await principalsDuring(() => maskline.twilio('voice', form));
    expect(seen).toEqual([twilio]);
  });

  it('is nobody where anybody may ask', async () => {
    expect(await principalsDuring(() => maskline.request('GET', '/health/live', {}))).toEqual([null]);
  });
});

type Refusal = typeof MissingKey | typeof MissingScope | typeof EndpointNotFound | null;

it.each<[RouteAccess, readonly Scope[], Principal | null, Refusal]>([
  ['anybody', [], null, null],
  ['key', ['support'], KEY, null],
  ['key', ['orders:write', 'support'], SUPPORT, null],
  ['key', ['orders:write'], SUPPORT, MissingScope],
  ['key', [], KEY, MissingScope],
  ['key', ['support'], null, MissingKey],
  ['key', ['support'], { kind: 'provider', name: 'exotel' }, MissingKey],
  ['provider', [], { kind: 'provider', name: 'exotel' }, null],
  ['provider', [], KEY, EndpointNotFound],
  ['provider', [], null, EndpointNotFound],
])(
  'a route for %s with a scope of %j lets no other principal than %j through',
  (access, scopes, principal, refusal) => {
    const request = { principal, routeOptions: { config: { access, scopes } } };
    const context = { switchToHttp: () => ({ getRequest: () => request }) } as unknown as ExecutionContext;
    const pass = () => new AccessGuard().canActivate(context);
    if (refusal === null) expect(pass()).toBe(true);
    else expect(pass).toThrow(refusal);
  },
);

it('a route that needs a key and names no scope stops the start', () => {
  const handler = () => undefined;
  const route = { method: 'GET' as const, url: '/v1/secrets', handler };
  expect(() => mustNameScope(route)).toThrow('GET /v1/secrets needs a key but names no scope');
  expect(() => mustNameScope({ ...route, config: { access: 'provider' } })).not.toThrow();
  expect(() => mustNameScope({ ...route, config: { scopes: ['keys'] } })).not.toThrow();
});

describe('the audit log', () => {
  const entries = async () => (await maskline.api('GET', '/v1/audit')).body.entries as { who: string; what: string }[];

  it('records the principal of the request', async () => {
    const pool = await maskline.pool({}, numbers(2));
    await maskline.order('order-of-the-audit', aPhone(), aPhone(), { pool });
    await maskline.api('GET', '/v1/orders/order-of-the-audit/texts');
    expect((await entries())[0]).toMatchObject({ who: `key ${KEY.kind === 'key' ? KEY.id : ''}`, what: 'texts.read' });
  });

  it.each<[string, Principal]>([
    ['key 0badcafe', SUPPORT],
    ['provider exotel', { kind: 'provider', name: 'exotel' }],
    ['system orders.due', { kind: 'system', name: 'orders.due' }],
  ])('records %s, whichever key the process has', async (who, principal) => {
    await maskline.get(AuditService).record(principal, { what: 'texts.read' });
    expect((await entries())[0]).toMatchObject({ who, what: 'texts.read' });
  });
});
