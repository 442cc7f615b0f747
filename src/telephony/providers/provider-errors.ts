/** The provider did not answer, or was too busy: try again later. What was asked may have been done all the same. */
export class ProviderUnavailable extends Error {
  constructor(
    message: string,
    readonly options: { cause?: unknown; retryAfterMs?: number } = {},
  ) {
    super(message, { cause: options.cause });
  }
}

/** The provider has too many requests at once (429): what was asked was not done, and may be asked again. */
export class ProviderBusy extends ProviderUnavailable {}

/** The request never reached the provider: what was asked was not done, and may be asked again. */
export class ProviderNotReached extends ProviderUnavailable {}

/** The request was not sent, because no turn for it within the provider's rate could be had. */
export class ProviderNotAsked extends ProviderUnavailable {}

/** Whether the failure says that what was asked was not done. */
export function isUndone(failure: unknown): boolean {
  const undone = [ProviderRefused, ProviderBusy, ProviderNotReached, ProviderNotAsked];
  return undone.some((kind) => failure instanceof kind);
}

/** The provider said no, and will say it again: somebody has to look. */
export class ProviderRefused extends Error {
  constructor(
    message: string,
    readonly status: number,
  ) {
    super(message);
  }
}
