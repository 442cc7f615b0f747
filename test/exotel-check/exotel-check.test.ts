import { execFile } from 'node:child_process';
import { createServer, request as httpRequest, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

import { checkAccount } from '../../src/exotel-check/check-account.js';
import { checkCallbacks } from '../../src/exotel-check/check-callbacks.js';
import { asTable, type Finding } from '../../src/exotel-check/finding.js';
import { startExchange, type RunningExchange } from '../../exchange/exchange.js';
import { freePort } from '../../src/platform/embedded/free-port.js';
import type { ExotelConfig } from '../../src/telephony/exotel/exotel-config.js';
import { ANY_CALLBACK, anExotelConfig } from '../support/exotel-config.js';
import { HOOK_SECRET, TestApp } from '../support/app.js';

const SECRETS = [HOOK_SECRET, `${HOOK_SECRET}_2`];
const TOKEN = 'token';

let maskline: TestApp;
let elsewhere: RunningExchange;
let ours: string;
beforeAll(async () => {
  maskline = await TestApp.start({ redisUrl: process.env['TEST_REDIS_URL'] || null });
  const flow = { id: '1', hooks: 'http://127.0.0.1:9/hooks/exotel/secret' };
  elsewhere = await startExchange({ port: 0, account: { sid: 'other', apiKey: 'k', apiToken: 't' }, flow });
  await maskline.replenish(await maskline.pool({ lowWater: 2, target: 2, maxNumbers: 2 }));
  ours = (await owned())[0]!.number;
}, 120_000);
afterAll(async () => {
  await maskline.stop();
  await elsewhere.close();
});

const configWith = (account: Partial<ExotelConfig['account']> = {}, more: Partial<ExotelConfig['callbacks']> = {}) => {
  const apiBase = maskline.exchange.url;
  const flowUrl = `${apiBase}/acme1/exoml/start_voice/700001`;
  return anExotelConfig({
    account: { sid: 'acme1', apiKey: 'key', apiToken: TOKEN, apiBase, flowUrl, recordingUrls: [], ...account },
    hookSecrets: SECRETS,
    callbacks: { ...ANY_CALLBACK, ...more },
  });
};
const said = (findings: readonly Finding[]) =>
  findings.map(({ verdict, about, says }) => `${verdict} ${about}: ${says}`);
const account = async (...args: Parameters<typeof configWith>) =>
  said((await checkAccount(configWith(...args))).findings);
async function owned(): Promise<{ sid: string; number: string }[]> {
  const response = await fetch(`${maskline.exchange.url}/exchange/numbers`);
  const { numbers } = (await response.json()) as { numbers: { sid: string; phone_number: string }[] };
  return numbers.map(({ sid, phone_number: number }) => ({ sid, number }));
}

describe('the account', () => {
  const accepted = () => `ok credentials: accepted by ${maskline.exchange.url}`;
  const flow = 'ok flow: 700001 of account acme1';

  it('is right', async () => {
    expect(await account()).toEqual([accepted(), flow, 'ok numbers: 2 of 2 lead to the flow']);
  });

  it.each([
    ['a wrong token', { apiToken: 'wrong-token' }, '401'],
    ['a wrong key', { apiKey: 'wrong-key' }, '401'],
  ])('does not take %s, and says where the right one is', async (_, but, status) => {
    const findings = await account(but);
    expect(findings).toEqual([
      flow,
      `wrong credentials: not accepted by ${maskline.exchange.url} (${status}): compare EXOTEL_ACCOUNT_SID, EXOTEL_API_KEY and EXOTEL_API_TOKEN with the dashboard's API settings`,
    ]);
    expect(findings.join()).not.toMatch(/wrong-(token|key)/);
  });

  it('lives in another region, which is named', async () => {
    const regions = [elsewhere.url, maskline.exchange.url];
    const { findings } = await checkAccount(configWith({ apiBase: elsewhere.url }), regions);
    expect(said(findings)).toContain(
      `wrong region: the account lives at ${maskline.exchange.url}: set EXOTEL_API_BASE=${maskline.exchange.url}`,
    );
    const nowhere = await checkAccount(configWith({ apiBase: elsewhere.url, apiToken: 'wrong' }), regions);
    expect(said(nowhere.findings).at(-1)).toContain('accepted by no region of Exotel');
  });

  it('has numbers that lead elsewhere or nowhere, each named', async () => {
    const all = await owned();
    const point = (sid: string, VoiceUrl: string) =>
      fetch(`${maskline.exchange.url}/v2_beta/Accounts/acme1/IncomingPhoneNumbers/${sid}`, {
        method: 'PUT',
        headers: { authorization: `Basic ${Buffer.from(`key:${TOKEN}`).toString('base64')}` },
        body: new URLSearchParams({ VoiceUrl }),
      });
    try {
      await point(all[0]!.sid, 'http://my.exotel.com/acme1/exoml/start_voice/700002');
      expect(await account()).toEqual([
        ...[accepted(), flow, 'ok numbers: 1 of 2 lead to the flow'],
        `look numbers: ${all[0]!.number} leads to something else of the account: left alone`,
      ]);
      await point(all[1]!.sid, '');
      expect(await account()).toEqual([
        ...[accepted(), flow, 'wrong numbers: none of 2 leads to the flow of EXOTEL_FLOW_URL'],
        `look numbers: ${all[1]!.number} leads nowhere: the next round points them at the flow`,
        `look numbers: ${all[0]!.number} leads to something else of the account: left alone`,
      ]);
    } finally {
      for (const { sid } of all) await point(sid, configWith().account.flowUrl);
    }
  });

  it('cannot be asked, and why', async () => {
    expect((await account({ apiBase: `http://127.0.0.1:${await freePort('127.0.0.1')}` })).at(-1)).toMatch(
      /^wrong credentials: not checked\. No connection to Exotel was made/,
    );
  });

  it.each([
    [
      'of another account',
      { flowUrl: 'http://my.exotel.com/acme2/exoml/start_voice/700001' },
      {},
      /is of account acme2/,
    ],
    ['of another flow than set', {}, { flowId: '700002' }, /EXOTEL_FLOW_ID is 700002 .* every call is refused/],
    ['of no known form', { flowUrl: 'http://my.exotel.com/700001' }, {}, /^look flow: .*not of the documented form/],
  ])('has a flow URL %s', async (_, but, more, says) => {
    expect((await account(but, more)).find((line) => line.includes(' flow:'))).toMatch(says);
  });
});

describe('the callbacks', () => {
  const check = async (baseUrl: string, hookSecrets = SECRETS, waitsMs = 5_000) => {
    const config = { ...configWith(), hookSecrets };
    return said(await checkCallbacks({ baseUrl, config, dialled: ours, waitsMs }));
  };
  const amiss = async (...args: Parameters<typeof check>) =>
    (await check(...args))
      .filter((line) => !line.startsWith('ok '))
      .map((line) => line.replace(/, (first|second) secret/, ''));

  it('are right with both secrets, and leave one refused call for each', async () => {
    const before = await maskline.count('interactions', `decision = 'refuse'`);
    const findings = await check(maskline.url);
    expect(findings.filter((line) => line.startsWith('wrong'))).toEqual([]);
    expect(findings.map((line) => line.split(':')[0]!.replace(/^(ok|look) /, ''))).toEqual([
      ...SECRETS.flatMap((_, index) =>
        ['connect', 'reason', 'gather', 'connect-pin', 'connect-pin-again', 'greeting', 'passthru'].map(
          (path) => `${path}, ${index === 0 ? 'first' : 'second'} secret`,
        ),
      ),
      'other secrets',
    ]);
    expect(await maskline.count('interactions', `decision = 'refuse'`)).toBe(before + 2);
    expect(await maskline.count('interactions', `provider_call_id LIKE 'check-%' AND outcome IS NULL`)).toBe(2);
  });

  it('know another secret', async () => {
    const [first] = await amiss(maskline.url, ['a-secret-of-yesterday-0123456789']);
    expect(first).toMatch(/^wrong connect: is answered with 404: the running Maskline has another EXOTEL_HOOK_SECRET/);
    expect(await amiss(maskline.url, ['a-secret-of-yesterday-0123456789'])).toHaveLength(1);
  });

  it('are not there', async () => {
    const port = await freePort('127.0.0.1');
    expect(await amiss(`http://127.0.0.1:${port}`, [HOOK_SECRET])).toEqual([
      `wrong connect: nothing listens at 127.0.0.1:${port}: start Maskline, or correct PUBLIC_BASE_URL`,
    ]);
    expect(await amiss('http://maskline.invalid', [HOOK_SECRET])).toEqual([
      expect.stringMatching(/^wrong connect: (maskline\.invalid is no name that resolves|no connection)/),
    ]);
  });

  /** A proxy before Maskline, which does something to what comes back. */
  const through = async (
    spoil: (answer: IncomingMessage, body: Buffer, reply: ServerResponse) => void,
    look: (url: string) => Promise<void>,
  ) => {
    const proxy = createServer((asked, reply) => {
      httpRequest(maskline.url + asked.url, { method: asked.method, headers: asked.headers }, (answer) => {
        const chunks: Buffer[] = [];
        answer.on('data', (chunk: Buffer) => chunks.push(chunk));
        answer.on('end', () => spoil(answer, Buffer.concat(chunks), reply));
      }).end();
    });
    await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve));
    try {
      await look(`http://127.0.0.1:${(proxy.address() as AddressInfo).port}`);
    } finally {
      proxy.closeAllConnections();
      await new Promise((resolve) => proxy.close(resolve));
    }
  };
  const passOn = (answer: IncomingMessage, body: Buffer, reply: ServerResponse, headers: object = {}) => {
    reply.writeHead(answer.statusCode!, { ...answer.headers, ...headers });
    reply.end(body);
  };

  it('are given a charset by a proxy', () =>
    through(
      (answer, body, reply) => {
        const type = answer.headers['content-type'];
        passOn(answer, body, reply, type === 'text/plain' ? { 'content-type': 'text/plain; charset=utf-8' } : {});
      },
      async (url) => {
        const why =
          'has the content type "text/plain; charset=utf-8", must be text/plain and nothing else: a proxy adds to it';
        expect(await amiss(url, [HOOK_SECRET])).toEqual([`wrong reason: ${why}`, `wrong greeting: ${why}`]);
      },
    ));

  it('are slower than Exotel waits', () =>
    through(
      (answer, body, reply) => void setTimeout(() => passOn(answer, body, reply), 1_000),
      async (url) => {
        expect(await amiss(url, [HOOK_SECRET], 300)).toEqual([
          'wrong connect: no answer within 0.3 s: Exotel gives up and rings nobody',
        ]);
      },
    ));

  it('are slow', () =>
    through(
      (answer, body, reply) => void setTimeout(() => passOn(answer, body, reply), 1_600),
      async (url) => {
        const found = await amiss(url, [HOOK_SECRET]);
        expect(found[0]).toMatch(/^look connect: answers in \d{4} ms: the caller hears silence so long$/);
      },
    ));

  it.each([
    ['redirect', 308, { location: 'https://example.test/' }, /redirects \(308\), which Exotel does not follow/],
    ['are not reached by their proxy', 502, {}, /502 by a proxy that does not reach Maskline/],
    ['are another site', 404, { 'content-type': 'text/html' }, /404, and not by Maskline/],
    ['break', 500, {}, /is answered with 500, must be 200/],
    [
      'say that they are a page',
      200,
      { 'content-type': 'text/html' },
      /content type "text\/html", must be application\/json/,
    ],
  ])('%s', (_, status, headers, says) =>
    through(
      (answer, body, reply) => {
        reply.writeHead(status, headers);
        reply.end(body);
        answer.resume();
      },
      async (url) => {
        const found = await amiss(url, [HOOK_SECRET]);
        expect(found[0]).toMatch(says);
      },
    ),
  );

  it('are let in by any secret', () =>
    through(
      (answer, body, reply) => {
        answer.statusCode = 200;
        passOn(answer, body, reply);
      },
      async (url) => {
        expect((await amiss(url, [HOOK_SECRET])).at(-1)).toMatch(
          /^wrong other secrets: are answered with 200 instead of 404/,
        );
      },
    ));

  it('have another length for HEAD', () =>
    through(
      (answer, body, reply) => {
        const { 'content-length': _, ...headers } = answer.headers;
        if (answer.headers['content-type'] === 'text/plain' && body.length === 0) reply.writeHead(200, headers);
        else reply.writeHead(answer.statusCode!, answer.headers);
        reply.end(body);
      },
      async (url) => {
        const found = await amiss(url, [HOOK_SECRET]);
        expect(found).toEqual([
          expect.stringMatching(/^wrong greeting: says content-length .* no proxy may compress it$/),
        ]);
      },
    ));
});

it('is told in columns, with a sum', () => {
  const findings: Finding[] = [
    { verdict: 'ok', about: 'credentials', says: 'accepted' },
    { verdict: 'look', about: 'numbers', says: '1 leads nowhere' },
    { verdict: 'wrong', about: 'connect', says: 'is answered with 500, must be 200' },
  ];
  expect(asTable(findings)).toBe(
    [
      '✓  credentials  accepted',
      '!  numbers      1 leads nowhere',
      '✗  connect      is answered with 500, must be 200',
      '',
      'One thing is wrong.',
      '',
    ].join('\n'),
  );
});

it('is one command, which ends with 1 when something is wrong', async () => {
  const run = async (but: Record<string, string> = {}) => {
    const env = {
      PATH: process.env['PATH'],
      HOME: process.env['HOME'],
      EXOTEL_ACCOUNT_SID: 'acme1',
      EXOTEL_API_KEY: 'key',
      EXOTEL_API_TOKEN: TOKEN,
      EXOTEL_API_BASE: maskline.exchange.url,
      EXOTEL_FLOW_URL: configWith().account.flowUrl,
      EXOTEL_HOOK_SECRET: SECRETS.join(),
      PUBLIC_BASE_URL: maskline.url,
      EXOTEL_TIME_ZONE: 'none',
      ...but,
    };
    const program = join(import.meta.dirname, '../../dist/src/exotel-check/exotel-check.js');
    return promisify(execFile)('node', [program], { env, cwd: tmpdir() }).then(
      ({ stdout }) => ({ code: 0, stdout }),
      (failure: { code: number; stdout: string }) => ({ code: failure.code, stdout: failure.stdout }),
    );
  };
  const right = await run();
  expect(right.stdout).toMatch(/^Exotel account acme1, callbacks at http:\/\/127\.0\.0\.1:\d+\n\n✓ {2}credentials/);
  expect([right.code, right.stdout.trimEnd().split('\n').at(-1)]).toEqual([0, 'Nothing is wrong.']);
  const wrong = await run({ EXOTEL_API_TOKEN: 'not-the-token' });
  expect([wrong.code, wrong.stdout.trimEnd().split('\n').at(-1)]).toEqual([1, 'One thing is wrong.']);
  for (const { stdout } of [right, wrong]) expect(stdout).not.toMatch(new RegExp(`${SECRETS.join('|')}|not-the-token`));
});
