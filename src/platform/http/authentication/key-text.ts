import { createHash, randomInt, timingSafeEqual } from 'node:crypto';
import { crc32 } from 'node:zlib';

/** Without digits, so that no id resembles a phone, and without l, which resembles I. */
const ID_LETTERS = 'abcdefghijkmnopqrstuvwxyz';
const ID_LENGTH = 12;
const BASE_62 = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';
/** 190 bits. */
const SECRET_LENGTH = 32;
const CHECKSUM_LENGTH = 6;

const FORM = new RegExp(`^(mk_([a-z]{${ID_LENGTH}})_\\w{${SECRET_LENGTH}})(\\w{${CHECKSUM_LENGTH}})$`);

export function newKeyId(): string {
  return drawn(ID_LETTERS, ID_LENGTH);
}

/** `mk_<id>_<secret><checksum>`. The checksum is the CRC-32 of what stands before it, in base 62 as GitHub writes it. */
export function newKeyText(id: string): string {
  const text = `mk_${id}_${drawn(BASE_62, SECRET_LENGTH)}`;
  return text + checksumOf(text);
}

/** The id in the text of a key; null if its form or its checksum is wrong, so that it cannot be a key. */
export function keyIdIn(text: string): string | null {
  const [, checked, id, checksum] = FORM.exec(text) ?? [];
  return checked !== undefined && checksumOf(checked) === checksum ? id! : null;
}

/** A fast hash is enough, because nobody can guess the secret of a key. */
export function hashOfKey(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}

/** What is stored of a key's secrets: the SHA-256 of its text, and of the text before the last rotation. */
export interface SecretsOfKey {
  readonly secretHash: Buffer;
  readonly previousHash: Buffer | null;
  /** The end of the overlap. */
  readonly previousUntil: Date | null;
}

/** Whether a text with this hash is accepted at an instant: the key's present one, or the one before in the overlap. */
export function isSecretOf(
  { secretHash, previousHash, previousUntil }: SecretsOfKey,
  hash: Buffer,
  now: Date,
): boolean {
  if (timingSafeEqual(secretHash, hash)) return true;
  return previousHash !== null && previousUntil! > now && timingSafeEqual(previousHash, hash);
}

function checksumOf(text: string): string {
  let rest = crc32(text);
  let checksum = '';
  while (checksum.length < CHECKSUM_LENGTH) {
    checksum = BASE_62[rest % BASE_62.length]! + checksum;
    rest = Math.floor(rest / BASE_62.length);
  }
  return checksum;
}

function drawn(letters: string, length: number): string {
  return Array.from({ length }, () => letters[randomInt(letters.length)]).join('');
}
