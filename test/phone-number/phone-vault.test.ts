import { randomBytes } from 'node:crypto';

import type { E164 } from '../../src/phone-number/e164.js';
import { PhoneVault } from '../../src/phone-number/phone-vault.js';
import { alternatePhone, phoneOf, pinOf } from '../../src/phone-number/sealed-place.js';
import { sealedOfOld } from '../support/sealed-of-old.js';

const PHONE = '+919000000001' as E164;
const PLACE = phoneOf('an-id');
const LOOKUP = randomBytes(32);
const OLD = randomBytes(32);
const NEW = randomBytes(32);

describe('the phone vault', () => {
  const vault = new PhoneVault([OLD], LOOKUP);

  it('opens what it sealed', () => {
    expect(vault.open(vault.seal(PHONE, PLACE).phone, PLACE)).toBe(PHONE);
  });

  it('shows nothing of a number in what it stores', () => {
    const { phone, phoneKey } = vault.seal(PHONE, PLACE);
    for (const stored of [phone, phoneKey]) {
      expect(stored.includes(PHONE)).toBe(false);
      expect(stored.includes(PHONE.slice(1))).toBe(false);
    }
  });

  it('seals a number differently each time, and looks it up by the same key', () => {
    const [one, other] = [vault.seal(PHONE, PLACE), vault.seal(PHONE, PLACE)];
    expect(one.phone.equals(other.phone)).toBe(false);
    expect(one.phoneKey.equals(other.phoneKey)).toBe(true);
    expect(vault.keyOf(PHONE).equals(one.phoneKey)).toBe(true);
    expect(vault.keyOf('+919000000002' as E164).equals(one.phoneKey)).toBe(false);
  });

  it('looks up by a key that a change of the encryption key leaves as it is, and another lookup key does not', () => {
    expect(new PhoneVault([NEW], LOOKUP).keyOf(PHONE)).toEqual(vault.keyOf(PHONE));
    expect(new PhoneVault([OLD], randomBytes(32)).keyOf(PHONE)).not.toEqual(vault.keyOf(PHONE));
  });

  it('opens what the old key sealed after a new one was put first, and seals with the new', () => {
    const rotated = new PhoneVault([NEW, OLD], LOOKUP);
    expect(rotated.open(vault.seal(PHONE, PLACE).phone, PLACE)).toBe(PHONE);
    expect(new PhoneVault([NEW], LOOKUP).open(rotated.seal(PHONE, PLACE).phone, PLACE)).toBe(PHONE);
  });

  it('refuses what a key sealed that it does not hold, and names the setting', () => {
    const stranger = new PhoneVault([NEW], LOOKUP);
    expect(() => stranger.open(vault.seal(PHONE, PLACE).phone, PLACE)).toThrow('PHONE_ENCRYPTION_KEY');
  });

  it('refuses whatever was tampered with, at any byte', () => {
    const { phone } = vault.seal(PHONE, PLACE);
    for (let at = 0; at < phone.length; at += 1) {
      const changed = Buffer.from(phone);
      changed.writeUInt8(changed.readUInt8(at) ^ 1, at);
      expect(() => vault.open(changed, PLACE)).toThrow();
    }
  });

  it('refuses what was cut short, down to nothing', () => {
    const { phone } = vault.seal(PHONE, PLACE);
    for (let length = 0; length < phone.length; length += 1) {
      expect(() => vault.open(phone.subarray(0, length), PLACE)).toThrow();
    }
  });

  it('opens a value at the place that it was sealed for, and at no other', () => {
    const { phone } = vault.seal(PHONE, phoneOf('a'));
    expect(vault.open(phone, phoneOf('a'))).toBe(PHONE);
    for (const elsewhere of [phoneOf('b'), alternatePhone('a'), pinOf('a', 'customer', PHONE), phoneOf('')]) {
      expect(() => vault.open(phone, elsewhere)).toThrow();
    }
  });

  it('opens what an earlier version sealed, without a place', () => {
    const old = sealedOfOld(PHONE, OLD);
    expect(vault.open(old, phoneOf('a'))).toBe(PHONE);
    expect(new PhoneVault([NEW, OLD], LOOKUP).open(old, phoneOf('b'))).toBe(PHONE);
  });

  it('proves the same words alike, in a text that is no lookup of them', () => {
    const secret = randomBytes(32);
    expect(vault.proofOf(PHONE, secret)).toBe(vault.proofOf(PHONE, secret));
    expect(vault.proofOf(PHONE, secret)).not.toBe(vault.proofOf('+919000000002', secret));
    expect(vault.proofOf(PHONE, secret)).not.toBe(vault.proofOf(PHONE, randomBytes(32)));
    expect(vault.keyOf(PHONE).toString('base64url')).not.toContain(vault.proofOf(PHONE, secret));
  });
});
