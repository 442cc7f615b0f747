import { Injectable } from '@nestjs/common';

import {
  ProviderBusy,
  ProviderNotReached,
  ProviderRefused,
  ProviderUnavailable,
} from '../../../src/telephony/providers/provider-errors.js';
import { TringaConfig } from './tringa-config.js';

const TIMEOUT_MS = 5_000;

/** Tringa's API: JSON over HTTP, with a bearer token. */
@Injectable()
export class TringaApi {
  constructor(private readonly config: TringaConfig) {}

  /**
   * @param what is asked, for messages
   * @throws ProviderUnavailable, ProviderRefused
   */
  async ask<Answer>(
    what: string,
    method: 'GET' | 'POST' | 'PUT' | 'DELETE',
    path: string,
    body?: object,
  ): Promise<Answer> {
    const response = await fetch(`${this.config.apiBase}/${path}`, {
      method,
      headers: {
        authorization: `Bearer ${this.config.apiToken}`,
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      },
      body: body && JSON.stringify(body),
      signal: AbortSignal.timeout(TIMEOUT_MS),
    }).catch((cause: Error): never => {
      const { code } = (cause.cause ?? {}) as { code?: string };
      if (code === 'ECONNREFUSED') throw new ProviderNotReached(`No connection to Tringa was made for ${what}.`);
      throw new ProviderUnavailable(`Tringa did not answer ${what}.`);
    });
    const { status } = response;
    const answered = `Tringa answered ${what} with ${status}.`;
    if (status === 429) throw new ProviderBusy(answered);
    if (status >= 500) throw new ProviderUnavailable(answered);
    if (status >= 400) throw new ProviderRefused(answered, status);
    return (status === 204 ? null : await response.json()) as Answer;
  }
}

/** The answer; null when Tringa knows no such thing. */
export async function orNull<Answer>(asked: Promise<Answer>): Promise<Answer | null> {
  return asked.catch((failure: unknown) => {
    if (failure instanceof ProviderRefused && failure.status === 404) return null;
    throw failure;
  });
}
