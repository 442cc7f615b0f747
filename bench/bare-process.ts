import { randomBytes } from 'node:crypto';
import type { AddressInfo } from 'node:net';

import { fastify } from 'fastify';
import { Pool } from 'pg';

import { connectReply } from '../src/telephony/exotel/calls/connect-reply.js';
import type { CallAssignment } from '../src/virtual-numbers/assignments/call-directory.js';
import type { E164 } from '../src/phone-number/e164.js';
import { serveParent } from './child.js';
import { findAssignment, insertDecision } from './bare-statements.js';

export interface BareEnvironment {
  readonly databaseUrl: string;
  readonly connections: number;
}

/** The keyed lookups come with the request, because this server computes none. */
type BareQuery = Record<'CallSid' | 'To' | 'Key' | 'Dialled', string>;

/** As long as a real phone; this server cannot decrypt one. */
const SOME_PHONE = '+910000000000' as E164;
const SOME_PROOF = 'abcdefghijklmnop';

/** No link of the benchmarks is half-open. */
type CompleteAssignment = CallAssignment & { readonly shownNumber: E164 };

/** The minimum between HTTP and the database: two statements a call, and nothing else. */
await serveParent<BareEnvironment, never>(async ({ databaseUrl, connections }) => {
  const pool = new Pool({ connectionString: databaseUrl, max: connections });
  const server = fastify();

  const find = async ({ To, Key, Dialled }: BareQuery): Promise<[E164, CompleteAssignment]> => {
    const number = `+91${To.slice(1)}` as E164;
    const { rows } = await pool.query<CompleteAssignment>({
      ...findAssignment,
      values: [Buffer.from(Dialled, 'hex'), Buffer.from(Key, 'hex')],
    });
    if (!rows[0]) throw new Error('Nobody is behind that number.');
    return [number, rows[0]];
  };
  const answer = ({ shownNumber, maxRingSeconds, maxCallSeconds, recordCalls }: CompleteAssignment) => ({
    shownNumber,
    ringSeconds: maxRingSeconds,
    talkSeconds: maxCallSeconds,
    record: recordCalls,
  });
  const reply = (found: CompleteAssignment) =>
    connectReply({ decision: 'connect', reason: 'CONNECTED', callee: SOME_PHONE, ...answer(found) });

  server.get<{ Querystring: BareQuery }>('/looked-up', async ({ query }) => reply((await find(query))[1]));

  server.get<{ Querystring: BareQuery }>('/recorded', async ({ query }) => {
    const [number, found] = await find(query);
    const at = new Date();
    const [decision, reason] = ['connect', 'CONNECTED'];
    const { calleeId, orderId, diallerRole } = found;
    const step = { decision, reason, at: at.toISOString(), proof: SOME_PROOF, calleeId, ...answer(found) };
    const steps = JSON.stringify({ connect: step });
    const values = [
      ...['exotel', query.CallSid, at, orderId, diallerRole, number, steps, decision, reason, 'connect', at],
      randomBytes(32),
    ];
    await pool.query({ ...insertDecision, values });
    return reply(found);
  });

  await server.listen({ port: 0, host: '127.0.0.1' });
  return {
    ready: { port: (server.server.address() as AddressInfo).port },
    answer: async () => ({}),
    close: async () => {
      await server.close();
      await pool.end();
    },
  };
});
