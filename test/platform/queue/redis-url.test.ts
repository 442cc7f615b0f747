import { parseRedisUrl } from '../../../src/platform/queue/redis-url.js';

describe('a URL of Redis', () => {
  it.each([
    ['redis://', { kind: 'server', nodes: [{ host: '127.0.0.1', port: 6379 }], db: 0 }],
    [
      'redis://:p%40ss@r.example:6380/3',
      { kind: 'server', nodes: [{ host: 'r.example', port: 6380 }], db: 3, password: 'p@ss' },
    ],
    ['rediss://u:p@[::1]?db=2', { nodes: [{ host: '::1', port: 6379 }], db: 2, username: 'u', tls: {} }],
    [
      'redis+sentinel://u:p@one,two:26380/mymaster/2?sentinel_username=s&sentinel_password=t',
      {
        kind: 'sentinels',
        nodes: [
          { host: 'one', port: 26379 },
          { host: 'two', port: 26380 },
        ],
        primary: 'mymaster',
        db: 2,
        sentinelUsername: 's',
        sentinelPassword: 't',
      },
    ],
    ['rediss+cluster://one,two:7000', { kind: 'cluster', db: 0, tls: {} }],
  ])('is read: %s', (text, expected) => {
    expect(parseRedisUrl(text)).toMatchObject(expected);
  });

  it.each(['p@ss', 'p#ss', 'p/ss', 'p?ss', '100%'])(
    'with the bare password %s is refused with what to write instead, and not quoted',
    (password) => {
      const refused = () => parseRedisUrl(`redis://user:${password}@redis.example/0`);
      expect(refused).toThrow(/@ as %40, # as %23, \/ as %2F, \? as %3F and % as %25/);
      expect(refused).not.toThrow(password);
    },
  );

  it.each([
    ['redis+sentinel://one:26379', 'must name the primary after the sentinels'],
    ['redis://one,two', 'names several hosts: write redis+sentinel:// or redis+cluster://'],
    ['redis+cluster://one/1', 'must have the form'],
    ['rediss://one?ssl_ca_certs=/nowhere/ca.pem', 'ssl_ca_certs=/nowhere/ca.pem, which cannot be read (ENOENT)'],
  ])('%s is refused: %s', (text, why) => {
    expect(() => parseRedisUrl(text)).toThrow(why);
  });
});
