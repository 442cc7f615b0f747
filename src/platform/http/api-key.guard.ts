import { createHash, timingSafeEqual } from 'node:crypto';

import { Injectable, SetMetadata, type CanActivate, type ExecutionContext } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import type { FastifyRequest } from 'fastify';

import { MissingKey } from './request.problems.js';

const NEEDS_NO_KEY = 'needs-no-key';

/** Marks a call that anybody may make, or that proves its caller in another way (a provider's callback). */
export const NeedsNoKey = () => SetMetadata(NEEDS_NO_KEY, true);

/** The API key, hashed, so that comparing takes the same time whatever was sent. */
export class ApiKey {
  private readonly digest: Buffer;
  constructor(key: string) {
    this.digest = digest(key);
  }
  matches(candidate: string): boolean {
    return timingSafeEqual(this.digest, digest(candidate));
  }
  /** Tells keys apart and does not lead back to them. */
  get fingerprint(): string {
    return `key ${this.digest.toString('hex').slice(0, 8)}`;
  }
}

/** @throws MissingKey on every call without `Authorization: Bearer <key>`, except those marked `@NeedsNoKey()`. */
@Injectable()
export class ApiKeyGuard implements CanActivate {
  constructor(
    private readonly key: ApiKey,
    private readonly reflector: Reflector,
  ) {}

  canActivate(context: ExecutionContext): boolean {
    if (this.reflector.getAllAndOverride<boolean>(NEEDS_NO_KEY, [context.getHandler(), context.getClass()]))
      return true;
    const request = context.switchToHttp().getRequest<FastifyRequest>();
    const [, sent] = /^Bearer +(\S+)$/i.exec(request.headers.authorization ?? '') ?? [];
    if (sent === undefined || !this.key.matches(sent)) throw new MissingKey();
    return true;
  }
}

function digest(key: string): Buffer {
  return createHash('sha256').update(key).digest();
}
