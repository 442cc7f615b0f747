import { AddressNotAllowed, AllowedAddresses } from '../../../src/platform/webhooks/allowed-addresses.js';

const addresses = new AllowedAddresses([]);

it.each([
  ...['127.0.0.1', '127.9.9.9', '0.0.0.0', '10.1.2.3', '172.16.0.1', '192.168.1.1', '169.254.169.254', '100.64.0.1'],
  ...['224.0.0.1', '255.255.255.255', '192.0.2.1', '198.18.0.1', '240.0.0.1'],
  ...['::', '::1', 'fe80::1', 'fc00::1', 'fd12:3456::1', 'ff02::1', '2001:db8::1', 'fec0::1'],
  ...[
    '::ffff:127.0.0.1',
    '::ffff:10.0.0.1',
    '::ffff:7f00:1',
    '64:ff9b::7f00:1',
    '2002:7f00:1::',
    '2001::1',
    '::7f00:1',
    '4000::1',
  ],
  ...['', 'localhost', '127.0.0.1/8'],
])('%s is not allowed', (address) => {
  expect(addresses.includes(address)).toBe(false);
});

it.each(['93.184.215.14', '172.32.0.1', '2606:2800:220:1::', '::ffff:93.184.215.14'])('%s is allowed', (address) => {
  expect(addresses.includes(address)).toBe(true);
});

it('networks of the settings are allowed, and nothing beside them', () => {
  const some = new AllowedAddresses(['10.1.0.0/16', '127.0.0.1', 'fd00:1::/32', '::1']);
  const allowed = ['10.1.2.3', '127.0.0.1', '::ffff:127.0.0.1', 'fd00:1::7', '::1'];
  expect(allowed.filter((address) => !some.includes(address))).toEqual([]);
  expect(['10.2.0.1', '127.0.0.2', 'fd00:2::7', '::2'].filter((address) => some.includes(address))).toEqual([]);
});

it('a name leads to its allowed addresses only', async () => {
  const looked = (with_: AllowedAddresses, all: boolean) =>
    new Promise((resolve) =>
      with_.lookup('localhost', { all, family: 4 }, (failure, found) => resolve(failure ?? found)),
    );
  expect(await looked(addresses, true)).toBeInstanceOf(AddressNotAllowed);
  expect(await looked(addresses, false)).toBeInstanceOf(AddressNotAllowed);
  const local = new AllowedAddresses(['127.0.0.0/8']);
  expect(await looked(local, true)).toEqual([{ address: '127.0.0.1', family: 4 }]);
  expect(await looked(local, false)).toBe('127.0.0.1');
  await expect(addresses.check('localhost')).rejects.toBeInstanceOf(AddressNotAllowed);
  await expect(addresses.check('no-such-name.invalid')).resolves.toBeUndefined();
});
