import { createCipheriv, createDecipheriv, createHash, createHmac, randomBytes } from 'node:crypto';

import { asTexted, type E164 } from './e164.js';
import type { SealedPlace } from './sealed-place.js';

/** A number as it is stored: unreadable, and findable only by who holds the lookup key. */
export interface SealedPhone {
  /** `BOUND` (4 bytes), key id (4), nonce (12), AES-256-GCM ciphertext, tag (16). */
  readonly phone: Buffer;
  /** HMAC-SHA-256 of the number as it is texted, 32 bytes. */
  readonly phoneKey: Buffer;
}

/** Begins each value that is sealed together with its place. One without it was sealed by an earlier version. */
export const BOUND = Buffer.from('MLK2');

const KEY_ID_BYTES = 4;
const NONCE_BYTES = 12;
const TAG_BYTES = 16;

interface EncryptionKey {
  readonly id: Buffer;
  readonly secret: Buffer;
}

/**
 * Seals and opens people's numbers. AES-256-GCM (NIST SP 800-38D) with a random nonce, the key named by the first four
 * bytes of its SHA-256, so that old rows still open after a new key was put first. The place of a value is authenticated
 * with it: a value that is moved to another row or column opens no more.
 */
export class PhoneVault {
  private readonly keys: readonly EncryptionKey[];

  /**
   * @param encryptionKeys 32 bytes each; the first seals, all open.
   * @param lookupKey at least 32 bytes. Changing it makes every stored lookup unfindable.
   */
  constructor(
    encryptionKeys: readonly Buffer[],
    private readonly lookupKey: Buffer,
  ) {
    this.keys = encryptionKeys.map((secret) => ({
      id: createHash('sha256').update(secret).digest().subarray(0, KEY_ID_BYTES),
      secret,
    }));
  }

  seal(number: E164, place: SealedPlace): SealedPhone {
    return { phone: this.sealText(number, place), phoneKey: this.keyOf(number) };
  }

  /** @throws Error when no key of ours sealed it, when it was tampered with, or when it was sealed for another place. */
  open(phone: Buffer, place: SealedPlace): E164 {
    return this.openText(phone, place) as E164;
  }

  /** Seals a text that phones are part of, in the same form. */
  sealText(text: string, place: SealedPlace): Buffer {
    const { id, secret } = this.keys[0]!;
    const nonce = randomBytes(NONCE_BYTES);
    const cipher = createCipheriv('aes-256-gcm', secret, nonce).setAAD(Buffer.from(place));
    return Buffer.concat([BOUND, id, nonce, cipher.update(text, 'utf8'), cipher.final(), cipher.getAuthTag()]);
  }

  /** @throws Error as `open` does. A value that an earlier version sealed opens at any place, until it is sealed anew. */
  openText(sealed: Buffer, place: SealedPlace): string {
    const isBound = sealed.subarray(0, BOUND.length).equals(BOUND);
    const content = isBound ? sealed.subarray(BOUND.length) : sealed;
    const id = content.subarray(0, KEY_ID_BYTES);
    const key = this.keys.find((candidate) => candidate.id.equals(id));
    if (!key) throw new Error('A stored value was sealed with a key that PHONE_ENCRYPTION_KEY does not hold.');
    const nonce = content.subarray(KEY_ID_BYTES, KEY_ID_BYTES + NONCE_BYTES);
    const decipher = createDecipheriv('aes-256-gcm', key.secret, nonce, { authTagLength: TAG_BYTES });
    if (isBound) decipher.setAAD(Buffer.from(place));
    decipher.setAuthTag(content.subarray(-TAG_BYTES));
    const ciphertext = content.subarray(KEY_ID_BYTES + NONCE_BYTES, -TAG_BYTES);
    return decipher.update(ciphertext, undefined, 'utf8') + decipher.final('utf8');
  }

  /** Lookup of a subscriber: the same for each form in which networks write one and the same. */
  keyOf(number: E164): Buffer {
    return createHmac('sha256', this.lookupKey).update(asTexted(number)).digest();
  }

  /** Lookup of a PIN, which means something together with the number it is keyed on only. */
  keyOfPin(number: E164, pin: string): Buffer {
    return createHmac('sha256', this.lookupKey).update('pin\0').update(number).update('\0').update(pin).digest();
  }

  /**
   * A short text that only the same words and the same secret give again, and that leads back to the words for nobody once
   * the secret is deleted: for what a number is part of.
   *
   * @param secret at least 16 random bytes
   */
  proofOf(words: string, secret: Buffer): string {
    const proof = createHmac('sha256', this.lookupKey).update('proof\0').update(secret).update('\0').update(words);
    return proof.digest('base64url').slice(0, 16);
  }
}
