import { MOST_ROWS } from '../../../src/virtual-numbers/numbers/numbers-csv.js';
import { aNumber, API_KEY, numbers, TestApp, type Answer } from '../../support/app.js';

let app: TestApp;
beforeAll(async () => {
  app = await TestApp.start();
});
afterAll(() => app.stop());

const AUTHORIZATION = `Bearer ${API_KEY}`;
const send = (pool: string, file: string | Buffer, type = 'text/csv') =>
  app.request('POST', `/v1/pools/${pool}/numbers/import`, { authorization: AUTHORIZATION, 'content-type': type }, file);
const held = async (pool: string) =>
  app.dataSource.query(
    `SELECT number.number, number.provider, number.provider_id AS id, number.status
     FROM virtual_numbers AS number JOIN pools AS pool ON pool.id = number.pool_id
     WHERE pool.name = $1 ORDER BY number.created_at, number.number`,
    [pool],
  );
const results = ({ body }: Answer) =>
  body.rows.map(({ line, result }: { line: number; result: string }) => [line, result]);

describe('a CSV file of numbers', () => {
  it('puts them into the pool, available at once, and says so line by line', async () => {
    const pool = await app.pool();
    const [one, two] = numbers(2);
    const answer = await send(pool, `number,providerId\r\n${one},sid-1\r\n${two},\r\n`);
    expect(answer.status).toBe(200);
    expect(answer.body).toEqual({
      pool,
      dryRun: false,
      imported: 2,
      alreadyThere: 0,
      refused: 0,
      rows: [
        { line: 2, result: 'imported', number: one, reason: null },
        { line: 3, result: 'imported', number: two, reason: null },
      ],
    });
    expect(await held(pool)).toEqual([
      { number: one, provider: 'exotel', id: 'sid-1', status: 'available' },
      { number: two, provider: 'exotel', id: two, status: 'available' },
    ]);
    const order = await app.order('by-csv', '+919000012345', '+919000012346', { pool });
    expect([order.customer.dials, order.agent.dials].sort()).toEqual([one, two]);
  });

  it.each([
    ['columns in another order, and in another case', (n: string) => `PROVIDERID,Number\n"a b",${n}\n`],
    ['a byte order mark, as spreadsheets write it', (n: string) => `\ufeffnumber,providerId\r\n${n},a b\r\n`],
    [
      'quotes, spaces around, empty rows, no last line end',
      (n: string) => `"number" , "providerId"\n\n,\n "${n}" , "a b"`,
    ],
    ['the line ends of old', (n: string) => `number,providerId\r${n},a b\r`],
  ])('is read with %s', async (_, file) => {
    const pool = await app.pool();
    const number = aNumber();
    expect((await send(pool, file(number), 'text/csv; charset=utf-8')).body).toMatchObject({ imported: 1, refused: 0 });
    expect(await held(pool)).toMatchObject([{ number, id: 'a b' }]);
  });

  it('is only checked with dryRun: the report is that of the import, and nothing is stored', async () => {
    const pool = await app.pool();
    const [good, here] = numbers(2);
    await send(pool, `number\n${here}\n`);
    await app.order('of-a-person', '+919000077777', undefined, { pool });
    const before = [await held(pool), await app.count('audit_log'), await app.count('virtual_number_keys')];
    const file = `number\n${good}\n${good}\n${here}\n+919000077777\n12\n`;
    const checked = await app.request(
      'POST',
      `/v1/pools/${pool}/numbers/import?dryRun=true`,
      { authorization: AUTHORIZATION, 'content-type': 'text/csv' },
      file,
    );
    expect([checked.status, checked.body.dryRun, checked.body.imported]).toEqual([200, true, 1]);
    expect([await held(pool), await app.count('audit_log'), await app.count('virtual_number_keys')]).toEqual(before);
    const imported = await send(pool, file);
    expect({ ...imported.body, dryRun: true }).toEqual(checked.body);
    const unclear = await app.request(
      'POST',
      `/v1/pools/${pool}/numbers/import?dryRun=maybe`,
      { authorization: AUTHORIZATION, 'content-type': 'text/csv' },
      file,
    );
    expect([unclear.status, unclear.body.detail]).toEqual([
      400,
      expect.stringContaining('dryRun must be true or false'),
    ]);
  });

  it('is taken row by row: what cannot be is told by its line, and the rest imported', async () => {
    const pool = await app.pool();
    const other = await app.pool({}, [aNumber()]);
    const [{ number: elsewhere }] = await held(other);
    const [good, here] = numbers(2);
    await send(pool, `number\n${here}\n`);
    const person = '0900054321';
    const rows = [good, person, '+14155550100', '', here, elsewhere, good, `${aNumber()},x,y`, `${aNumber()},x,vonage`];
    const file = ['number,providerId,provider', ...rows.map((row) => (row.includes(',') ? row : `${row},x,`))].join(
      '\n',
    );
    const answer = await send(pool, file);
    expect(results(answer)).toEqual([
      [2, 'imported'],
      [3, 'refused'],
      [4, 'refused'],
      [5, 'refused'],
      [6, 'already-there'],
      [7, 'already-there'],
      [8, 'already-there'],
      [9, 'refused'],
      [10, 'refused'],
    ]);
    const reasons = answer.body.rows.map(({ reason }: { reason: string }) => reason);
    expect(reasons.slice(1)).toEqual([
      'The row has a number that has too few or too many digits for a number of IN, or begins wrong: write it whole, as +<country code><number>.',
      'The row has a number that does not belong to IN, the country of the pool.',
      'The row has no number.',
      null,
      `The number is in pool ${other}.`,
      'An earlier row has the same number.',
      'The row has a number that belongs to a provider that the pool does not use: its provider is exotel.',
      'The row has a number that belongs to a provider that the pool does not use: its provider is exotel.',
    ]);
    // What is refused may be a person's own number: the wrong file was sent.
    expect(answer.text).not.toContain('54321');
    expect(answer.text).not.toContain('5550100');
    expect(await held(pool)).toHaveLength(2);
  });

  it('refuses what is no whole number, by line, and says what to do', async () => {
    const pool = await app.pool();
    const whole = aNumber();
    const rows = [
      whole,
      whole.slice(0, -1),
      `${whole}/02`,
      `${whole} ext 12`,
      '18602667000',
      '9.18E+11',
      whole.slice(3),
    ];
    const answer = await send(pool, ['number', ...rows].join('\n'));
    expect(results(answer)).toEqual([
      [2, 'imported'],
      ...[3, 4, 5, 6, 7].map((line) => [line, 'refused']),
      [8, 'already-there'],
    ]);
    const reasons = answer.body.rows.map(({ reason }: { reason: string | null }) => reason);
    expect(reasons.slice(1, 6)).toEqual([
      expect.stringContaining('too few or too many digits'),
      expect.stringContaining('each number on its own, without extension'),
      expect.stringContaining('each number on its own, without extension'),
      expect.stringContaining('shared-cost'),
      expect.stringContaining('format its column as text'),
    ]);
    for (const number of rows.slice(1, 6)) {
      const json = await app.api('POST', '/v1/numbers/import', { pool, numbers: [{ number }] });
      expect([number, json.status, json.body.type]).toEqual([number, 422, '/problems/unusable-virtual-numbers']);
    }
    expect(await held(pool)).toHaveLength(1);
  });

  it('says that a row has cells too many', async () => {
    const pool = await app.pool();
    const answer = await send(pool, `number,providerId\n${aNumber()}\n${aNumber()},a,b\n`);
    const reason = 'The row has a different number of cells than the first line has names.';
    expect(answer.body.rows).toMatchObject([{ reason }, { reason }]);
  });

  it('sent again changes nothing, and brings retired numbers back', async () => {
    const pool = await app.pool();
    const [one, two] = numbers(2);
    const file = `number\n${one}\n${two}\n`;
    await send(pool, file);
    await app.api('POST', `/v1/numbers/${one}/retire`);
    expect(results(await send(pool, file))).toEqual([
      [2, 'imported'],
      [3, 'already-there'],
    ]);
    expect((await send(pool, file)).body).toMatchObject({ imported: 0, alreadyThere: 2 });
  });

  it('refuses a number that is being given back', async () => {
    const number = aNumber();
    const pool = await app.pool({}, [number]);
    await app.dataSource.query(
      `UPDATE virtual_numbers SET status = 'retired', giving_back = 'releasing', giving_back_since = now() WHERE number = $1`,
      [number],
    );
    expect((await send(pool, `number\n${number}\n`)).body.rows).toMatchObject([
      { result: 'refused', reason: expect.stringContaining('being given back') },
    ]);
  });

  it('may say which of the pool’s two providers a number is of', async () => {
    const pool = await app.pool({ alternativeProvider: 'twilio' });
    const [own, other] = numbers(2);
    await send(pool, `number,provider\n${own},\n${other},Twilio\n`);
    expect(await held(pool)).toMatchObject([
      { number: own, provider: 'exotel' },
      { number: other, provider: 'twilio' },
    ]);
    const [third] = numbers(1);
    await app.api('POST', '/v1/numbers/import', { pool, numbers: [{ number: third, provider: 'twilio' }] });
    expect(await held(pool)).toMatchObject([{}, {}, { number: third, provider: 'twilio' }]);
  });

  it('may be as long as is said, and no longer', async () => {
    const pool = await app.pool();
    const many = (count: number) =>
      ['number', ...Array.from({ length: count }, (_, at) => `+9180111${String(at).padStart(5, '0')}`)].join('\n');
    expect(await send(pool, many(MOST_ROWS + 1))).toMatchObject({
      status: 400,
      body: { detail: expect.stringContaining('5000 rows') },
    });
    expect((await send(pool, many(MOST_ROWS))).body).toMatchObject({ imported: MOST_ROWS, refused: 0 });
    expect((await send(pool, `number\n${'x'.repeat(1024 * 1024)}`)).status).toBe(413);
  });
});

describe('a file that cannot be read', () => {
  const PERSON = '+919000054321';
  it.each([
    ['is empty', '', 'The file is empty'],
    ['has only a header', 'number\n', 'No row follows'],
    ['has no header', `${PERSON}\n${PERSON}\n`, 'the name of column 1 is none of number, providerId, provider'],
    ['has a header without numbers', `providerId\n${PERSON}\n`, 'names no column "number"'],
    ['names a column twice', `number,Number\n${PERSON},${PERSON}\n`, 'names a column twice'],
    ['has semicolons', `number;providerId\n${PERSON};x\n`, 'semicolons'],
    ['has a quote that never ends', `number\n"${PERSON}\n`, 'Line 2 has a quotation mark out of place'],
    ['has a quote in the middle', `number\n${PERSON}"1"\n`, 'Line 2 has a quotation mark out of place'],
    ['has no line ends', `number${'x'.repeat(5_000)}`, 'Line 1 is too long'],
    ['is not in UTF-8', Buffer.from('number,providerId\n+91,\xe9\n', 'latin1'), 'not UTF-8'],
    ['is UTF-16', Buffer.from(`\ufeffnumber\n${PERSON}\n`, 'utf16le'), 'not UTF-8'],
  ])('because it %s is refused in words that quote nothing of it', async (_, file, words) => {
    const pool = await app.pool();
    const answer = await send(pool, file);
    expect([answer.status, answer.body.type]).toEqual([400, '/problems/unreadable-csv']);
    expect(answer.body.detail).toContain(words);
    expect(answer.text).not.toContain('54321');
    expect(await held(pool)).toEqual([]);
  });

  it('or is no file is refused too', async () => {
    const pool = await app.pool();
    const json = await app.api('POST', `/v1/pools/${pool}/numbers/import`, { number: PERSON });
    expect(json).toMatchObject({ status: 415, body: { detail: expect.stringContaining('text/csv') } });
    expect(await send('nowhere', `number\n${aNumber()}\n`)).toMatchObject({ status: 404 });
    const withoutKey = await app.request(
      'POST',
      `/v1/pools/${pool}/numbers/import`,
      { 'content-type': 'text/csv' },
      'number',
    );
    expect(withoutKey.status).toBe(401);
  });

  it('is no body of any other call', async () => {
    const headers = { authorization: AUTHORIZATION, 'content-type': 'text/csv' };
    for (const path of ['/v1/orders', '/v1/events', '/v1/numbers/import', '/v1/pools']) {
      const answer = await app.request('POST', path, headers, `number\n${PERSON}\n`);
      expect([path, answer.status]).toEqual([path, 415]);
    }
  });
});
