import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { databaseIn, parseDatabaseUrl } from '../../../../src/platform/database/connections/database-url.js';
import { aFolder } from '../../embedded/support.js';

const login = (text: string) => parseDatabaseUrl(text).login;

describe('a database URL', () => {
  it('is read as libpq reads it', () => {
    expect(
      parseDatabaseUrl('postgres://user:p%40ss%23w%25rd%2F%3F@db.example:6432/main?application_name=mine'),
    ).toEqual({
      servers: [{ host: 'db.example', port: 6432 }],
      hasSessions: false,
      login: {
        user: 'user',
        password: 'p@ss#w%rd/?',
        database: 'main',
        ssl: undefined,
        enableChannelBinding: false,
        application_name: 'mine',
        options: undefined,
      },
    });
    expect(parseDatabaseUrl('postgresql://[::1]').servers).toEqual([{ host: '::1', port: 5432 }]);
    expect(parseDatabaseUrl('postgres:///main').servers).toEqual([{ host: 'localhost', port: 5432 }]);
    const socket = [{ host: '/run/postgresql', port: 5432 }];
    expect(parseDatabaseUrl('postgres://user@%2Frun%2Fpostgresql/main').servers).toEqual(socket);
    expect(parseDatabaseUrl('postgres://user@/main?host=/run/postgresql').servers).toEqual(socket);
    expect(databaseIn('postgres://user@host')).toBe('user');
  });

  it('may name several servers', () => {
    const { servers } = parseDatabaseUrl('postgres://u:p@one,two:5433,[::1]:5434/main?target_session_attrs=read-write');
    expect(servers).toEqual([
      { host: 'one', port: 5432 },
      { host: 'two', port: 5433 },
      { host: '::1', port: 5434 },
    ]);
  });

  it.each(['p@ss', 'p#ss', 'p/ss', 'p?ss', 'p?a=b', '12#4', '12/4', '100%', 'a%zz', '[x]@[y]'])(
    'with the bare password %s is refused with what to write instead, and not quoted',
    (password) => {
      const refused = () => parseDatabaseUrl(`postgres://user:${password}@db.example/main`);
      expect(refused).toThrow(/@ as %40, # as %23, \/ as %2F, \? as %3F and % as %25/);
      expect(refused).not.toThrow(password);
    },
  );

  it.each([
    ['target_session_attrs=standby', 'target_session_attrs=standby: write read-write or primary'],
    ['sslmode=prefer', 'write disable, require, verify-ca or verify-full'],
    ['sslmode=verify-ca', 'needs sslrootcert'],
    ['sslrootcert=/nowhere/ca.pem', 'sslrootcert=/nowhere/ca.pem, which cannot be read (ENOENT)'],
    ['pool_mode=statement', 'pool_mode=statement: write auto or session'],
  ])('with %s is refused with what to write instead', (parameter, todo) => {
    expect(() => parseDatabaseUrl(`postgres://u:p@h/d?${parameter}`)).toThrow(todo);
  });

  it('says how far the server is verified, in the meaning of libpq', async () => {
    const ca = join(await aFolder(), 'ca.pem');
    await writeFile(ca, 'the CA');
    const tls = (parameters: string) => login(`postgres://u:p@h/d?${parameters}`).ssl;
    expect(tls('')).toBeUndefined();
    expect(tls('sslmode=disable')).toBe(false);
    expect(tls('sslmode=require')).toEqual({ rejectUnauthorized: false });
    expect(tls('sslmode=verify-full')).toEqual({});
    expect(tls('sslmode=verify-full&sslrootcert=system')).toEqual({});
    expect(tls(`sslmode=verify-full&sslrootcert=${ca}`)).toEqual({ ca: Buffer.from('the CA') });
    expect(tls(`sslrootcert=${ca}`)).toEqual({ ca: Buffer.from('the CA') });
    for (const mode of ['require', 'verify-ca']) {
      const anyName = { ca: Buffer.from('the CA'), checkServerIdentity: expect.any(Function) };
      expect(tls(`sslmode=${mode}&sslrootcert=${ca}`)).toEqual(anyName);
    }
  });
});
