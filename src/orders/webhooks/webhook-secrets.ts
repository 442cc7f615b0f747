import { PhoneVault } from '../../phone-number/phone-vault.js';
import { webhookSecretOf } from '../../phone-number/sealed-place.js';
import type { SealedSecrets } from './webhook-endpoint.js';

/** The secrets that sign for an endpoint now, the newest first. */
export function signingSecrets(
  vault: PhoneVault,
  { id, secret, previousSecret, previousUntil }: SealedSecrets & { readonly id: string },
  now: Date,
): string[] {
  const place = webhookSecretOf(id);
  const previous = previousSecret !== null && previousUntil! > now ? [previousSecret] : [];
  return [secret, ...previous].map((sealed) => vault.openText(sealed, place));
}
