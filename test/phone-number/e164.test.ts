import {
  asTexted,
  countryOf,
  masked,
  parseE164,
  parseParticipantPhone,
  parseSpelling,
  UnusableNumber,
  type E164,
} from '../../src/phone-number/e164.js';

describe('a spelling that an operator used', () => {
  it.each([
    ['0 and ten digits', '09000000001'],
    ['ten digits', '9000000001'],
    ['E.164', '+919000000001'],
    ['the country code without its plus', '919000000001'],
    ['a plus before the leading 0', '+09000000001'],
    ['a plus that a query string turned into a space', ' 919000000001'],
    ['a space for the plus before the leading 0', ' 09000000001'],
    ['00 for the plus', '00919000000001'],
    ['spaces, dots, hyphens and brackets', '+91 (90000) 000-01'],
    ['the country code behind a 0', '0919000000001'],
    ['the country code in brackets', '(+91) 90000 00001'],
    ['a 0 in brackets', '+91 (0) 90000 00001'],
    ['spaces around it', '  9000000001  '],
    ['a no-break space', '90000\u00a000001'],
    ['marks of direction', '\u202a+91 90000 00001\u202c\u200e'],
    ['a byte order mark', '\ufeff9000000001'],
    ['full-width digits', '＋９１９０００００００１'.replace('９１９', '９１９０')],
    ['Devanagari digits', '९०००००००01'],
    ['Arabic digits', '+٩١٩٠٠٠٠٠٠٠٠١'],
    ['a tel: URI', 'tel:+91-90000-00001'],
    ['a tel: URI with a context and parameters', 'TEL:90000-00001;phone-context=+91;isub=12'],
    ['a tel: URI that is encoded', 'tel:%2B919000000001'],
    ['another hyphen', '90000–00001'],
  ])('is read, be it %s', (_, spelling) => {
    expect(parseSpelling(spelling, 'IN')).toBe('+919000000001');
  });

  it.each([
    ['with its leading 0', '08047000001'],
    ['without it', '8047000001'],
    ['in E.164', '+918047000001'],
    ['with the country code alone', '918047000001'],
  ])('is read as a landline, STD code and number, %s', (_, spelling) => {
    expect(parseSpelling(spelling, 'IN')).toBe('+918047000001');
  });

  it('takes ten digits that begin like the country code for what they are', () => {
    expect(parseSpelling('9198765432', 'IN')).toBe('+919198765432');
    expect(parseSpelling('09198765432', 'IN')).toBe('+919198765432');
    expect(parseSpelling('919198765432', 'IN')).toBe('+919198765432');
  });

  it.each(['+442079460000', '00442079460000', ' 442079460000'])('reads %j as a foreign caller', (spelling) => {
    expect(parseSpelling(spelling, 'IN')).toBe('+442079460000');
  });

  it('follows the country it is told, not India', () => {
    expect(parseSpelling('020 7946 0000', 'GB')).toBe('+442079460000');
  });

  it.each([
    ['withheld', ['anonymous', 'Anonymous', 'Unknown', 'restricted', 'unavailable', 'private', 'null', 'undefined']],
    ['empty', ['', ' ', '+', '-', '()']],
    ['keypad words', ['1-800-FLOWERS', '9000FLOWER', '+91 90000 HELLO']],
    ['too short', ['1', '112', '900000', '0', '00', '+91']],
    ['too long', ['9000000001000000', '+91900000000100000', '0900000000100000000']],
    ['more than one number', ['9000000001,9000000002', '9000000001;ext=5', '9000000001 9000000002']],
    ['no number at all', ['sip:9000000001@example.com', '"9000000001"', '१२३४५', 'tel:', 'tel:;ext=5']],
  ])('is nobody when it is %s', (_, spellings) => {
    for (const spelling of spellings) {
      expect([spelling, parseSpelling(spelling, 'IN')]).toEqual([spelling, null]);
    }
  });
});

describe('a number of ours', () => {
  it('is read in E.164 only', () => {
    expect(parseE164('+918047000001')).toBe('+918047000001');
    for (const other of ['08047000001', '918047000001', '8047000001', '', '+', '+91', 'x+918047000001']) {
      expect([other, parseE164(other)]).toEqual([other, null]);
    }
  });

  it('belongs to the country of its code', () => {
    expect(countryOf('+918047000001' as E164)).toBe('IN');
    expect(countryOf('+442079460000' as E164)).toBe('GB');
    expect(countryOf('+881612345678' as E164)).toBeUndefined();
  });
});

describe("a participant's phone", () => {
  it('is accepted in E.164 and in the national form of its country', () => {
    for (const spelling of ['+919000000001', '09000000001', '9000000001', '+91 90000 00001', '90000-00001']) {
      expect(parseParticipantPhone(spelling, 'IN')).toBe('+919000000001');
    }
  });

  it('may be a landline, a freephone or a phone abroad', () => {
    expect(parseParticipantPhone('08047000001', 'IN')).toBe('+918047000001');
    expect(parseParticipantPhone('+18005551234', 'IN')).toBe('+18005551234');
    expect(parseParticipantPhone('+442079460000', 'IN')).toBe('+442079460000');
  });

  it.each([
    ['no number', ['', ' ', '+', 'hello', 'anonymous', 'call me']],
    ['not valid', ['+91900000000', '900000000', '+9190000000011', '+999123456789']],
    ['premium rate', ['+449098790000', '+19002345678', '+979123456789']],
    ['shared cost', ['+9118602667000', '18602667000']],
    ['satellite', ['+881612345678', '+870773111632']],
    ['international freephone', ['+80012345678']],
    ['emergency', ['112', '100', '108', '911', '+91112']],
    ['keypad words', ['1-800-FLOWERS', '+91 90000 HELLO']],
    ['a sentence with a number in it', ['my phone is +919000000001', '+919000000001 or +919000000002']],
    ['an extension', ['+919000000001 ext. 5', '+919000000001;ext=5', '+919000000001x5']],
  ])('is refused when it is %s, without a word of it', (_, texts) => {
    for (const text of texts) {
      const failure = thrownBy(() => parseParticipantPhone(text, 'IN'));
      expect([text, failure]).toEqual([text, expect.any(UnusableNumber)]);
      const digits = text.replace(/\D/g, '');
      if (digits.length > 2) expect((failure as UnusableNumber).why).not.toContain(digits);
      expect((failure as UnusableNumber).why).toMatch(/^(is|has|belongs) /);
    }
  });
});

describe('a masked number', () => {
  it('shows the country code and the last two digits', () => {
    expect(masked('+919000000001' as E164)).toBe('+91••••••••01');
    expect(masked('+442079460012' as E164)).toBe('+44••••••••12');
    expect(masked('+12025550123' as E164)).toBe('+1••••••••23');
  });

  it('is as long as the number, and shows no more of one that has no country', () => {
    const number = '+881612345678' as E164;
    expect(masked(number)).toHaveLength(number.length);
    expect(masked(number)).toBe('+881•••••••78');
  });
});

function thrownBy(work: () => unknown): unknown {
  try {
    return work();
  } catch (failure) {
    return failure;
  }
}

describe('a number that networks write in two ways', () => {
  it.each(['+5215512345678', '5215512345678', '005215512345678', '+52 1 55 1234 5678'])(
    'is Mexico’s of today without the 1, be it written %s',
    (spelling) => {
      expect(parseSpelling(spelling, 'MX')).toBe('+525512345678');
      if (spelling.startsWith('+')) expect(parseParticipantPhone(spelling, 'IN')).toBe('+525512345678');
    },
  );

  it('is texted without its 9 in Argentina, and only there', () => {
    expect(asTexted('+5491123456789' as E164)).toBe('+541123456789');
    for (const other of ['+541123456789', '+919123456789', '+549112345678', '+54911234567890'] as E164[]) {
      expect(asTexted(other)).toBe(other);
    }
  });
});
