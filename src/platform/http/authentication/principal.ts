import { createParamDecorator, type ExecutionContext } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';

import type { Scope } from './scopes.js';

/** A client with an API key. */
export interface KeyPrincipal {
  readonly kind: 'key';
  /** Distinguishes keys without revealing them. */
  readonly id: string;
  readonly name: string;
  readonly scopes: readonly Scope[];
  /** The names of the pools that the key is limited to; null = all pools. */
  readonly pools: readonly string[] | null;
  /** The client's address; null outside of a request. */
  readonly address: string | null;
  /** True = a key of API_KEY, which is not stored and cannot be revoked. */
  readonly isOfEnvironment?: boolean;
  /** SHA-256 of the key's text, which the request had; missing = of API_KEY. */
  readonly secretHash?: Buffer;
  /** Set if the key was exchanged for a session of the console. */
  readonly session?: SessionOfKey;
}

export interface SessionOfKey {
  /** SHA-256 of the cookie's value. */
  readonly tokenHash: Buffer;
  readonly until: Date;
}

/** Who makes a request, or does work that nobody requested. */
export type Principal =
  | KeyPrincipal
  /** A provider that calls back. */
  | { readonly kind: 'provider'; readonly name: string }
  /** A job or another part of this system. */
  | { readonly kind: 'system'; readonly name: string };

declare module 'fastify' {
  interface FastifyRequest {
    /** Set when the request is authenticated; null before that, and if anybody may make the request. */
    principal: Principal | null;
  }
}

/** The kind, and the key's id or the name: `key 3fa41c09`, `provider exotel`, `system orders.due`. */
export function nameOfPrincipal(principal: Principal): string {
  return `${principal.kind} ${principal.kind === 'key' ? principal.id : principal.name}`;
}

/** Whether somebody may see what belongs to the pool of this name, and change it. Only keys can be limited to pools. */
export function maySeePool(principal: Principal, name: string): boolean {
  return principal.kind !== 'key' || principal.pools === null || principal.pools.includes(name);
}

/** A handler's parameter: who makes the request. The route must need a key. */
export const RequestedBy = createParamDecorator((_: unknown, context: ExecutionContext): KeyPrincipal => {
  const { principal } = context.switchToHttp().getRequest<FastifyRequest>();
  if (principal?.kind !== 'key') throw new Error('A request without a key has no requester: its route needs no key.');
  return principal;
});
