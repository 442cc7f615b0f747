import { applyDecorators, SetMetadata } from '@nestjs/common';
import { RouteConfig } from '@nestjs/platform-fastify';
import { ApiSecurity } from '@nestjs/swagger';
import type { FastifyRequest, RouteOptions } from 'fastify';

import { ApiProblem } from '../api-problem.js';
import { LimitedToPools, MissingScope } from './access.problems.js';
import type { Scope } from './scopes.js';

/** Who may make a request: a client with an API key, an authenticated provider, or anybody. */
export type RouteAccess = 'key' | 'provider' | 'anybody';

declare module 'fastify' {
  interface FastifyContextConfig {
    /** Default: `key`. */
    readonly access?: RouteAccess;
    /** Which scopes of a key allow the request; one is enough. A route that needs a key must name one. */
    readonly scopes?: readonly Scope[];
  }
}

/** The name of the security scheme in the OpenAPI document. */
export const BEARER = 'bearer';

/** Configurations of routes that need no key. */
export const OPEN_TO_ANYBODY = { access: 'anybody' } as const;
export const OPEN_TO_PROVIDERS = { access: 'provider' } as const;

/** Lets anybody make requests of one method, or of a controller. */
export const OpenToAnybody = () => openTo(OPEN_TO_ANYBODY);

/** Restricts a method or a controller to providers. Their access check must set the principal. */
export const OpenToProviders = () => openTo(OPEN_TO_PROVIDERS);

/**
 * Restricts a method to keys with one of these scopes, and says so in the OpenAPI document. Every method that needs a
 * key has it.
 */
export function NeedsScope(...scopes: [Scope, ...Scope[]]): MethodDecorator {
  return applyDecorators(
    RouteConfig({ scopes }),
    ...scopes.map((scope) => ApiSecurity({ [BEARER]: [scope] })),
    ApiProblem(MissingScope, LimitedToPools),
  );
}

const FOR_KEYS_OF_POOLS = 'for-keys-of-pools';

/**
 * Lets keys that are limited to pools make requests of a method, too. The method must show them nothing of other pools,
 * and change nothing there.
 */
export const ForKeysOfPools = (): MethodDecorator => SetMetadata(FOR_KEYS_OF_POOLS, true);

export function isForKeysOfPools(handler: object): boolean {
  return Reflect.getMetadata(FOR_KEYS_OF_POOLS, handler) === true;
}

export function accessOf(request: FastifyRequest): RouteAccess {
  return request.routeOptions.config.access ?? 'key';
}

/** @throws MissingScope if the request needs a scope that a key with these scopes does not have */
export function mustHaveScope(request: FastifyRequest, has: readonly Scope[]): void {
  const { scopes = [] } = request.routeOptions.config;
  if (!scopes.some((scope) => has.includes(scope))) throw new MissingScope(scopes);
}

/** To be called for each route. @throws Error for a route that needs a key and no scope of it */
export function mustNameScope({ url, method, config = {} }: RouteOptions): void {
  if ((config.access ?? 'key') !== 'key' || config.scopes !== undefined) return;
  throw new Error(`${String(method)} ${url} needs a key but names no scope: add @NeedsScope(…) or @OpenToAnybody().`);
}

function openTo(config: { readonly access: RouteAccess }): MethodDecorator & ClassDecorator {
  const mark = RouteConfig(config) as MethodDecorator;
  return (target: object, name?: string | symbol, descriptor?: PropertyDescriptor) => {
    if (descriptor !== undefined && name !== undefined) return void mark(target, name, descriptor);
    const { prototype } = target as { prototype: object };
    for (const [key, method] of Object.entries(Object.getOwnPropertyDescriptors(prototype))) {
      if (key !== 'constructor' && typeof method.value === 'function') mark(prototype, key, method);
    }
  };
}
