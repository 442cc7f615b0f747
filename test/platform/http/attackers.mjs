// Strangers who try to keep a process from its work, all at once, until the time is over: node attackers.mjs <url> <ms>
import { Agent, request } from 'node:http';
import { URL } from 'node:url';
import { connect } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';

const [url, ms] = [process.argv[2], Number(process.argv[3])];
const { hostname, port } = new URL(url);
const endsAt = Date.now() + ms;
const goesOn = () => Date.now() < endsAt;
const agent = new Agent({ keepAlive: true, maxSockets: 64 });
const answers = {};

const note = (status) => (answers[status] = (answers[status] ?? 0) + 1);

function send(method, path, headers, body) {
  return new Promise((resolve) => {
    const sent = request({ hostname, port, path, method, headers, agent, timeout: 5_000 }, (answer) => {
      note(answer.statusCode);
      answer.resume().once('close', resolve);
    });
    sent.once('error', () => resolve(note('closed')));
    sent.once('timeout', () => sent.destroy());
    sent.end(body);
  });
}

/** So many a second, whether the ones before were answered or not. */
async function repeatedly(perSecond, act) {
  const sent = [];
  while (goesOn()) {
    sent.push(act());
    await sleep(1_000 / perSecond);
  }
  await Promise.all(sent);
}

/** A connection on which a byte comes now and then. */
async function slowly(beginning) {
  const socket = connect(Number(port), hostname);
  socket.on('error', () => undefined).on('data', () => undefined);
  socket.write(beginning);
  while (goesOn() && !socket.destroyed) {
    await sleep(500);
    if (socket.writable) socket.write('a');
  }
  socket.destroy();
}

const form = { 'content-type': 'application/x-www-form-urlencoded' };
const json = { 'content-type': 'application/json' };
const signed = { ...form, 'x-twilio-signature': `${'a'.repeat(27)}=` };
const head = (path, type) =>
  `POST ${path} HTTP/1.1\r\nhost: ${hostname}\r\ncontent-type: ${type}\r\ncontent-length: 60000\r\n`;

await Promise.all([
  repeatedly(40, () => send('POST', '/hooks/twilio/voice', form, 'a&'.repeat(32_000))),
  repeatedly(40, () => send('POST', '/hooks/twilio/voice', signed, 'a&'.repeat(32_000))),
  repeatedly(20, () => send('POST', '/hooks/twilio/voice', signed, 'a&'.repeat(15_000))),
  repeatedly(40, () => send('POST', '/hooks/exotel/not_the_secret_of_the_tests/sms', form, 'a&'.repeat(32_000))),
  repeatedly(40, () => send('POST', '/v1/events', json, '['.repeat(1_000_000))),
  repeatedly(40, () => send('GET', '/v1/orders', { authorization: 'Bearer not-the-key-of-the-tests' })),
  repeatedly(40, () => send('POST', '/nothing', json, '{"a":'.repeat(10_000))),
  ...Array.from({ length: 100 }, () => slowly(`${head('/v1/orders', 'application/json')}\r\n`)),
  ...Array.from({ length: 100 }, () => slowly(`${head('/hooks/twilio/voice', form['content-type'])}\r\n`)),
  ...Array.from({ length: 100 }, () => slowly(head('/v1/orders', 'application/json'))),
]);
agent.destroy();
process.stdout.write(JSON.stringify(answers));
