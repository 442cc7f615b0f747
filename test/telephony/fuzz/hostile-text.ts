import fc from 'fast-check';

const NASTY = [
  ...[
    '',
    ' ',
    'null',
    'undefined',
    'anonymous',
    'Unknown',
    '+266696687',
    '0',
    '+',
    '00',
    '+0',
    "' OR 1=1 --",
    '\u0000',
  ],
  ...[
    '__proto__',
    '../../etc/passwd',
    '%00',
    '${jndi:ldap://x}',
    '٠٩٠٠٠٠٠٠٠٠١',
    '９０００００００１',
    '-1',
    '1e309',
    'NaN',
    '😀',
  ],
];
/** A value that no provider would send: emptiness, words, other scripts, attacks, length. */
export const hostileText = fc.oneof(
  { weight: 4, arbitrary: fc.constantFrom(...NASTY) },
  { weight: 3, arbitrary: fc.string({ unit: 'binary', maxLength: 40 }) },
  { weight: 2, arbitrary: fc.stringMatching(/^[+ ]?[\d() .-]{1,24}$/) },
  { weight: 1, arbitrary: fc.integer({ min: 100, max: 6_000 }).map((length) => '9'.repeat(length)) },
);
