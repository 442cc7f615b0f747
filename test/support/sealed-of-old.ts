import { createCipheriv, createHash, randomBytes } from 'node:crypto';

/** A value as versions before migration 45 sealed it: key id, nonce, ciphertext, tag, not bound to a place. */
export function sealedOfOld(text: string, key: Buffer): Buffer {
  const id = createHash('sha256').update(key).digest().subarray(0, 4);
  const nonce = randomBytes(12);
  const cipher = createCipheriv('aes-256-gcm', key, nonce);
  return Buffer.concat([id, nonce, cipher.update(text, 'utf8'), cipher.final(), cipher.getAuthTag()]);
}
