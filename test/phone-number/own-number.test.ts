import { UnusableNumber } from '../../src/phone-number/e164.js';
import { parseOwnNumber } from '../../src/phone-number/own-number.js';

describe('a number that is to be ours', () => {
  it.each([
    ['+918047000001', 'IN', '+918047000001'],
    ['+91 80 4700 0001', 'IN', '+918047000001'],
    ['(080) 4700-0001', 'IN', '+918047000001'],
    ['08047000001', 'IN', '+918047000001'],
    ['8047000001', 'IN', '+918047000001'],
    ['918047000001', 'IN', '+918047000001'],
    ['00918047000001', 'IN', '+918047000001'],
    ['\ufeff+918047000001\u200e', 'IN', '+918047000001'],
    ['9198765432', 'IN', '+919198765432'],
    ['+14152000001', 'US', '+14152000001'],
    ['(415) 200-0001', 'US', '+14152000001'],
    ['020 7946 0000', 'GB', '+442079460000'],
  ] as const)('is read as it is written: %j in %s', (text, country, number) => {
    expect(parseOwnNumber(text, country)).toBe(number);
  });

  it.each([
    ['+916547000001', 'IN'], // no range of India's plan
    ['+15552000001', 'US'],
    ['+441632960001', 'GB'],
  ] as const)(
    'may be of a range that the metadata does not know, as %s, if it is as long as others',
    (text, country) => {
      expect(parseOwnNumber(text, country)).toBe(text);
    },
  );

  it.each([
    ['a digit too few', '+91804700001', 'has too few or too many digits'],
    ['a digit too many', '+9180470000011', 'has too few or too many digits'],
    ['a digit too few, which a spreadsheet filled up', '804700001.0', 'is what a spreadsheet made of a number'],
    ['the beginning of a range', '+91804700001-2', 'is not one phone number'],
    ['two numbers in one', '+918047000001/02', 'is not one phone number'],
    ['an extension', '+918047000001 ext 12', 'is not one phone number'],
    ['an extension of a URI', 'tel:+918047000001;ext=12', 'is not one phone number'],
    ['a number of shared cost', '+9118602667000', 'is a shared-cost number'],
    ['a freephone', '1800123456', 'is a toll-free number'],
    ['what a spreadsheet made of it', '9.18E+11', 'is what a spreadsheet made of a number'],
    ['the same with a comma', '9,18047E+11', 'is what a spreadsheet made of a number'],
    ['a number of another country', '+442079460000', 'does not belong to IN'],
    ['a short code', '56161', 'has too few or too many digits'],
    ['words', 'reception', 'is not one phone number'],
    ['nothing', '', 'is not one phone number'],
  ])('is refused when it is %s, with a reason that quotes no digit of it', (_, text, reason) => {
    const failure = thrownBy(() => parseOwnNumber(text, 'IN'));
    expect(failure).toBeInstanceOf(UnusableNumber);
    expect((failure as UnusableNumber).why).toContain(reason);
    expect((failure as UnusableNumber).why).not.toMatch(/\d{3}/);
  });
});

it.each([
  ['020794600', 'GB'],
  ['0207946000', 'GB'],
  ['+44207946000', 'GB'],
  ['+44020794600', 'GB'],
  ['+44791112345', 'GB'],
  ['+551191234567', 'BR'],
  ['+97150123456', 'AE'],
  ['+6281234567', 'ID'],
  ['1234567890', 'US'],
  ['+33123456', 'FR'],
  ['+6129876543', 'AU'],
] as const)('a number that lacks a digit, or has one that cannot begin it, is refused: %s in %s', (text, country) => {
  expect(thrownBy(() => parseOwnNumber(text, country))).toBeInstanceOf(UnusableNumber);
});

function thrownBy(work: () => unknown): unknown {
  try {
    return work();
  } catch (failure) {
    return failure;
  }
}
