/** The provider did not answer, or was too busy; retry later. The work of the request may have been done. */
export class ProviderUnavailable extends Error {
  constructor(
    message: string,
    readonly options: { cause?: unknown; retryAfterMs?: number } = {},
  ) {
    super(message, { cause: options.cause });
  }
}

/** The provider has too many requests (429). The work was not done; the request may be repeated. */
export class ProviderBusy extends ProviderUnavailable {}

/** The request never reached the provider. The work was not done; the request may be repeated. */
export class ProviderNotReached extends ProviderUnavailable {}

/** The request was not sent, because it got no turn within the provider's rate limit. */
export class ProviderNotAsked extends ProviderUnavailable {}

/** Whether the failure means that the work was not done. */
export function isUndone(failure: unknown): boolean {
  const undone = [ProviderRefused, ProviderBusy, ProviderNotReached, ProviderNotAsked];
  return undone.some((kind) => failure instanceof kind);
}

/** The provider refused, and will refuse again: an operator must look. */
export class ProviderRefused extends Error {
  constructor(
    message: string,
    readonly status: number,
  ) {
    super(message);
  }
}
