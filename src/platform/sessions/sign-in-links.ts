import { createHash, randomBytes } from 'node:crypto';

const VALID_FOR_MS = 10 * 60 * 1_000;
const TOKEN_BYTES = 32;

/** The link that the start prints, which signs in once with a key. Known to this process only. */
export class SignInLinks {
  private readonly links = new Map<string, { readonly key: string; readonly endsAt: number }>();

  /** @returns the secret of the link */
  create(key: string, now = performance.now()): string {
    const secret = randomBytes(TOKEN_BYTES).toString('base64url');
    this.links.set(hashOf(secret), { key, endsAt: now + VALID_FOR_MS });
    return secret;
  }

  /** The key of a link, which is then used up; null if it is not valid. */
  use(secret: string, now = performance.now()): string | null {
    const hash = hashOf(secret);
    const link = this.links.get(hash);
    this.links.delete(hash);
    return link !== undefined && now < link.endsAt ? link.key : null;
  }
}

/** The map is read by hashes, so that the time it takes tells nothing of a secret. */
function hashOf(secret: string): string {
  return createHash('sha256').update(secret).digest('hex');
}
