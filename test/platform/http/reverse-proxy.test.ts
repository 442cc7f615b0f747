import { connect } from 'node:net';

import webhooks from 'twilio/lib/webhooks/webhooks.js';

import { freePort } from '../../../src/platform/embedded/free-port.js';
import { aPhone, encodeForm, formHeaders, HOOK_SECRET, TestApp, TWILIO } from '../../support/app.js';
import { describeWithNginx, Nginx } from '../../support/nginx.js';

describeWithNginx('behind nginx with the configuration of docs/reverse-proxy.md', () => {
  let app: TestApp;
  let nginx: Nginx;
  let below: string;
  const lines: string[] = [];
  const [customer, agent] = [aPhone(), aPhone()];
  let dials: string;

  beforeAll(async () => {
    const port = await freePort('127.0.0.1');
    below = `http://127.0.0.1:${port}/maskline`;
    const logTo = (line: string) => void lines.push(line);
    app = await TestApp.start({ publicUrl: below, trustedProxies: ['127.0.0.1'], logTo });
    const nobody = await freePort('127.0.0.1');
    nginx = await Nginx.start(port, [nobody, new URL(app.url).port]);
    const pool = await app.pool({ lowWater: 2, target: 2, maxNumbers: 2 });
    await app.replenish(pool);
    dials = (await app.order('order-1', customer, agent, { pool })).customer.dials;
  });
  afterAll(async () => {
    await nginx?.stop();
    await app?.stop();
  });

  /** Exotel's request for a call. Whoever reads it has the secret and the caller's phone. */
  const connectRequest = () =>
    `${HOOK_SECRET}/connect?${new URLSearchParams({ CallSid: String(Math.random()), From: customer, To: dials, CallFrom: customer, CallTo: dials })}`;

  it('serves the docs and the API below a path, with a process that refuses every connection beside it', async () => {
    const page = await (await fetch(`${below}/docs`)).text();
    const files = [...page.matchAll(/(?:src|href)="([^"]+)"/g)].map(([, file]) => new URL(file!, `${below}/docs`).href);
    expect(files.length).toBeGreaterThan(3);
    for (const file of files) expect([file, (await fetch(file)).status]).toEqual([file, 200]);
    expect(await (await fetch(`${below}/docs-json`)).json()).toMatchObject({ servers: [{ url: '/maskline' }] });
    for (let times = 0; times < 4; times += 1) expect((await fetch(`${below}/health/ready`)).status).toBe(200);
  });

  it('connects calls of both providers by callback URLs below a path', async () => {
    expect(await app.place({ from: customer, to: dials })).toMatchObject({ connected: true, rang: agent });

    const url = `${below}/hooks/twilio/voice`;
    const form = {
      AccountSid: TWILIO.sid,
      CallSid: `CA${'1'.repeat(32)}`,
      From: customer,
      To: dials,
      Direction: 'inbound',
    };
    const headers = formHeaders(webhooks.getExpectedTwilioSignature(TWILIO.authToken, url, form));
    expect((await fetch(url, { method: 'POST', headers, body: encodeForm(form) })).status).toBe(200);
  });

  it('takes the client from a chain of addresses with ports', async () => {
    for (const [chain, address] of [
      ['203.0.113.7:51008', '203.0.113.7'],
      ['198.51.100.1, 203.0.113.8:443, 127.0.0.1:8080', '203.0.113.8'],
      ['198.51.100.1:1, "[2001:db8::9]:51008"', '2001:db8::9'],
    ] as const) {
      const headers = { 'x-forwarded-for': chain, authorization: 'Bearer a-wrong-key-of-somebody' };
      expect((await fetch(`${nginx.url}/v1/orders`, { headers })).status).toBe(401);
      const refused = lines.filter((line) => line.includes('request without a valid key refused'));
      expect(JSON.parse(refused.at(-1)!)).toMatchObject({ address });
    }
  });

  it('writes neither the secret nor a phone into any log, also while no process answers', async () => {
    const ask = async () => {
      const paths = [
        '/hooks/exotel/',
        '/HOOKS/exotel/',
        '//hooks//exotel/',
        '/%68ooks/exotel/',
        '/maskline/hooks/exotel/',
      ];
      const statuses = [];
      for (const path of paths) statuses.push((await fetch(`${nginx.url}${path}${connectRequest()}`)).status);
      const tooLarge = 'x'.repeat(5 * 1024 ** 2);
      const large = await fetch(`${nginx.url}/hooks/exotel/${connectRequest()}`, { method: 'POST', body: tooLarge });
      statuses.push(large.status);
      for (const header of ['Not a header', `X-Long: ${'x'.repeat(40_000)}`, 'Content-Length: -1', 'Host: a b']) {
        await sendRaw(nginx.url, `GET /hooks/exotel/${connectRequest()} HTTP/1.1\r\nHost: x\r\n${header}\r\n\r\n`);
      }
      await sendRaw(nginx.url, `GET /hooks/exotel/${connectRequest()}${'x'.repeat(40_000)} HTTP/1.1\r\n\r\n`);
      await sendRaw(nginx.url, `GET /hooks/exotel/${HOOK_SECRET}/connect?From=${customer} and more HTTP/9\r\n\r\n`);
      return statuses;
    };
    expect(await ask()).toEqual([200, 200, 200, 200, 200, 413]);
    await app.app.close();
    expect(await ask()).toEqual([502, 502, 502, 502, 502, 413]);

    const { access, error } = await nginx.logs();
    expect(access).toContain('GET /hooks/ 502');
    expect(access).toContain('GET /hooks/ 400');
    for (const [what, log] of Object.entries({ access, error })) {
      for (const hidden of [HOOK_SECRET, customer.slice(3), agent.slice(3), dials.slice(3)]) {
        expect([what, log.split('\n').filter((line) => line.includes(hidden))]).toEqual([what, []]);
      }
    }
  });
});

/** Sends what no HTTP client would, and waits for the answer. */
async function sendRaw(url: string, request: string): Promise<void> {
  const { hostname, port } = new URL(url);
  await new Promise<void>((resolve) => {
    const socket = connect(Number(port), hostname, () => socket.end(request));
    socket
      .on('error', () => resolve())
      .on('close', () => resolve())
      .resume();
  });
}
