import { createHash, timingSafeEqual } from 'node:crypto';

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

function digest(key: string): Buffer {
  return createHash('sha256').update(key).digest();
}
