import {
  createCipheriv,
  createDecipheriv,
  createHash,
  createHmac,
  createSecretKey,
  randomBytes,
  type KeyObject,
} from 'node:crypto';

import { LRUCache } from 'lru-cache';

import { asTexted, type E164 } from './e164.js';
import { MOST_REMEMBERED } from './dialled-number.js';
import type { SealedPlace } from './sealed-place.js';

/** A phone as it is stored: encrypted, and found only with the lookup key. */
export interface SealedPhone {
  /** `BOUND` (4 bytes), key id (4), nonce (12), AES-256-GCM ciphertext, tag (16). */
  readonly phone: Buffer;
  /** HMAC-SHA-256 of the number to which texts are sent, 32 bytes. */
  readonly phoneKey: Buffer;
}

/** Prefix of each value that is bound to its place. Earlier versions sealed values without it. */
export const BOUND = Buffer.from('MLK2');

const KEY_ID_BYTES = 4;
const NONCE_BYTES = 12;
const TAG_BYTES = 16;

interface EncryptionKey {
  readonly id: Buffer;
  readonly secret: KeyObject;
}

/**
 * Encrypts and decrypts phones with AES-256-GCM (NIST SP 800-38D) and a random nonce. The first four bytes of the key's
 * SHA-256 name the key, so old values still open after a new key was put first. The place of a value is authenticated
 * with it: a value that was moved to another row or column does not open.
 */
export class PhoneVault {
  private readonly keys: readonly EncryptionKey[];
  private readonly lookupKey: KeyObject;
  private readonly dialledKeys = new LRUCache<E164, Buffer>({
    max: MOST_REMEMBERED,
    memoMethod: (number) => this.keyOf(number),
  });

  /**
   * @param encryptionKeys 32 bytes each; the first encrypts, all decrypt
   * @param lookupKey at least 32 bytes; after a change no stored phone can be found
   */
  constructor(encryptionKeys: readonly Buffer[], lookupKey: Buffer) {
    this.keys = encryptionKeys.map((secret) => ({
      id: createHash('sha256').update(secret).digest().subarray(0, KEY_ID_BYTES),
      secret: createSecretKey(secret),
    }));
    this.lookupKey = createSecretKey(lookupKey);
  }

  seal(number: E164, place: SealedPlace): SealedPhone {
    return { phone: this.sealText(number, place), phoneKey: this.keyOf(number) };
  }

  /** @throws Error if none of the keys sealed it, if it was changed, or if it was sealed for another place */
  open(phone: Buffer, place: SealedPlace): E164 {
    return this.openText(phone, place) as E164;
  }

  /** Seals a text that contains phones, or another secret, in the same form. */
  sealText(text: string, place: SealedPlace): Buffer {
    const { id, secret } = this.keys[0]!;
    const nonce = randomBytes(NONCE_BYTES);
    const cipher = createCipheriv('aes-256-gcm', secret, nonce).setAAD(Buffer.from(place));
    return Buffer.concat([BOUND, id, nonce, cipher.update(text, 'utf8'), cipher.final(), cipher.getAuthTag()]);
  }

  /** @throws Error as `open` does. Values of earlier versions open at any place until they are resealed. */
  openText(sealed: Buffer, place: SealedPlace): string {
    const isBound = sealed.subarray(0, BOUND.length).equals(BOUND);
    const content = isBound ? sealed.subarray(BOUND.length) : sealed;
    const id = content.subarray(0, KEY_ID_BYTES);
    const key = this.keys.find((candidate) => candidate.id.equals(id));
    if (!key) throw new Error('A stored value was sealed with a key that PHONE_ENCRYPTION_KEY does not contain.');
    const nonce = content.subarray(KEY_ID_BYTES, KEY_ID_BYTES + NONCE_BYTES);
    const decipher = createDecipheriv('aes-256-gcm', key.secret, nonce, { authTagLength: TAG_BYTES });
    if (isBound) decipher.setAAD(Buffer.from(place));
    decipher.setAuthTag(content.subarray(-TAG_BYTES));
    const ciphertext = content.subarray(KEY_ID_BYTES + NONCE_BYTES, -TAG_BYTES);
    return decipher.update(ciphertext, undefined, 'utf8') + decipher.final('utf8');
  }

  /** The keyed lookup of a subscriber: the same for every form in which networks write the number. */
  keyOf(number: E164): Buffer {
    return createHmac('sha256', this.lookupKey).update(asTexted(number)).digest();
  }

  /** `keyOf` a number that was dialled. It is remembered: people dial few numbers, again and again. */
  keyOfDialled(number: E164): Buffer {
    return this.dialledKeys.memo(number);
  }

  /** The keyed lookup of a PIN, together with the virtual number on which it is entered. */
  keyOfPin(number: E164, pin: string): Buffer {
    return createHmac('sha256', this.lookupKey).update('pin\0').update(number).update('\0').update(pin).digest();
  }

  /** The keyed lookup of a request, or of its Idempotency-Key: both may contain phones. */
  keyOfRequest(text: string): Buffer {
    return createHmac('sha256', this.lookupKey).update('request\0').update(text).digest();
  }

  /**
   * A short keyed hash of words that contain a phone. Once the secret is deleted, nobody can test guesses of the words.
   *
   * @param secret at least 16 random bytes
   */
  proofOf(words: string, secret: Buffer): string {
    const proof = createHmac('sha256', this.lookupKey).update('proof\0').update(secret).update('\0').update(words);
    return proof.digest('base64url').slice(0, 16);
  }
}
