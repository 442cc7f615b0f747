import { RouteConfig } from '@nestjs/platform-fastify';
import type { FastifyRequest } from 'fastify';

/** Who may make a request: a client with an API key, an authenticated provider, or anybody. */
export type RouteAccess = 'key' | 'provider' | 'anybody';

declare module 'fastify' {
  interface FastifyContextConfig {
    /** Default: `key`. */
    readonly access?: RouteAccess;
  }
}

/** Configurations of routes that need no key. */
export const OPEN_TO_ANYBODY = { access: 'anybody' } as const;
export const OPEN_TO_PROVIDERS = { access: 'provider' } as const;

/** Lets anybody make requests of one method, or of a controller. */
export const OpenToAnybody = () => openTo(OPEN_TO_ANYBODY);

/** Restricts a method or a controller to providers. Their access check must set the principal. */
export const OpenToProviders = () => openTo(OPEN_TO_PROVIDERS);

export function accessOf(request: FastifyRequest): RouteAccess {
  return request.routeOptions.config.access ?? 'key';
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
