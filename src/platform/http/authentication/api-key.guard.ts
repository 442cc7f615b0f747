import { Injectable, type CanActivate, type ExecutionContext } from '@nestjs/common';
import { RouteConfig } from '@nestjs/platform-fastify';
import type { FastifyRequest } from 'fastify';

import { Authentication } from './authentication.js';
import { MissingKey } from '../request.problems.js';

declare module 'fastify' {
  interface FastifyContextConfig {
    readonly needsNoKey?: boolean;
  }
}

/** The configuration of a route that anybody may ask, or that proves its sender in another way. */
export const NEEDS_NO_KEY = { needsNoKey: true } as const;

/**
 * Marks requests that anybody may make, or that prove their sender in another way (a provider's callback): those of one
 * method, or of a class.
 */
export function NeedsNoKey(): MethodDecorator & ClassDecorator {
  const mark = RouteConfig(NEEDS_NO_KEY) as MethodDecorator;
  return (target: object, name?: string | symbol, descriptor?: PropertyDescriptor) => {
    if (descriptor !== undefined && name !== undefined) return void mark(target, name, descriptor);
    const { prototype } = target as { prototype: object };
    for (const [key, method] of Object.entries(Object.getOwnPropertyDescriptors(prototype))) {
      if (key !== 'constructor' && typeof method.value === 'function') mark(prototype, key, method);
    }
  };
}

export function needsNoKey(request: FastifyRequest): boolean {
  return request.routeOptions.config.needsNoKey === true;
}

/**
 * The second line behind the front door, which authenticates before it reads a body: no handler runs for a request that
 * the door did not authenticate, except those marked `@NeedsNoKey()`.
 */
@Injectable()
export class ApiKeyGuard implements CanActivate {
  constructor(private readonly authentication: Authentication) {}

  /** @throws MissingKey */
  canActivate(context: ExecutionContext): boolean {
    const request = context.switchToHttp().getRequest<FastifyRequest>();
    if (!needsNoKey(request) && !this.authentication.hasPassed(request)) throw new MissingKey();
    return true;
  }
}
