import { Client } from 'pg';

import { phoneOf } from '../src/phone-number/sealed-place.js';
import type { Statement } from '../src/platform/database/statement.js';
import { findAssignment, insertDecision } from './bare-statements.js';
import type { Run } from './pgbench.js';
import { assignOneLink, joinMoveAndRecord, keyOfOurs, lockByReference } from './statements.js';
import {
  CALLERS_IN_A_HAND,
  newAgentPhone,
  placedReference,
  POOLS,
  vault,
  type PoolKind,
  type WorldSize,
} from './world.js';

/** The participant's id, computed from the agent's key, because pgbench cannot keep a text that it computes. */
const AGENT_ID = 'md5(:agentKey::text)::uuid';

/** The average number of decisions for one hand of callers. */
const DECISIONS_A_HAND = 31;

/**
 * The statements of a decision in pgbench. pgbench's variables can hold text only from a query, and cannot be indexed.
 * So each client now and then draws a hand of random callers, in a script that does not count, and each decision is
 * about one of them.
 */
export async function decisions(
  databaseUrl: string,
  { recorded, clients, seconds }: { recorded: boolean; clients: number; seconds: number },
): Promise<Run> {
  const slots = Array.from({ length: CALLERS_IN_A_HAND }, (_, slot) => slot);
  const { hands, numbers, numberKeys, keys } = await firstHand(databaseUrl);
  const drawn = slots.map(
    (slot) =>
      `held.numbers[${slot + 1}] AS number${slot}, held.number_keys[${slot + 1}] AS dialled${slot}, held.keys[${slot + 1}] AS key${slot}`,
  );
  const draw = `
    \\set hand random(0, ${hands - 1})
    SELECT ${drawn.join(', ')} FROM bench.hands AS held WHERE held.hand = :hand \\gset`;
  const decide = slots.map((slot) => {
    const find = `${filled(findAssignment, [`:dialled${slot}`, `:key${slot}`])} \\gset`;
    const record = filled(insertDecision, [
      ...[':provider', 'md5(:call::text)', ':now', ':orderId', ':diallerRole', `:number${slot}`, ':steps'],
      ...[':decision', ':reason', ':step', ':askAt', ':secret'],
    ]);
    return `\\${slot === 0 ? 'if' : 'elif'} :slot = ${slot}\n${find}\n${recorded ? `${record};` : ''}`;
  });
  const decision = `
    \\set slot random(0, ${CALLERS_IN_A_HAND - 1})
    \\set call random(1, 9000000000000000000)
    ${decide.join('\n')}
    \\endif`;
  const given = { provider: 'exotel', decision: 'connect', reason: 'CONNECTED', step: 'connect' };
  const now = new Date().toISOString();
  const answer = {
    calleeId: '00000000-0000-4000-8000-000000000000',
    shownNumber: numbers[0],
    ringSeconds: 45,
    talkSeconds: 3_600,
    record: false,
  };
  const step = { decision: given.decision, reason: given.reason, at: now, proof: 'abcdefghijklmnop', ...answer };
  return {
    scripts: [
      { text: unindented(draw), weight: 1, counts: false },
      { text: unindented(decision), weight: DECISIONS_A_HAND, counts: true },
    ],
    variables: {
      ...given,
      now,
      askAt: now,
      secret: `\\x${'5e'.repeat(32)}`,
      steps: JSON.stringify({ connect: step }),
      ...Object.fromEntries(slots.map((slot) => [`number${slot}`, numbers[slot]!])),
      ...Object.fromEntries(slots.map((slot) => [`dialled${slot}`, `\\x${numberKeys[slot]!.toString('hex')}`])),
      ...Object.fromEntries(slots.map((slot) => [`key${slot}`, `\\x${keys[slot]!.toString('hex')}`])),
    },
    clients,
    length: { seconds },
  };
}

/** The transaction of `ParticipantChangesService.put` in pgbench. */
export async function assignments(
  databaseUrl: string,
  { size, pool, orders, clients }: { size: WorldSize; pool: PoolKind; orders: number; clients: number },
): Promise<Run> {
  const each = Math.floor(orders / clients);
  const text = `
    \\set mine :mine + 1
    \\set reference ${placedReference(size, pool, 0)} + :client_id * ${each} + :mine - 1
    \\set agentKey random(1000000000000000000, 9000000000000000000)
    \\set lot random(0, 2147483646)
    BEGIN;
    ${filled(lockByReference, [':reference'])} \\gset
    ${filled(keyOfOurs, [':agentKey'])};
    ${filled(assignOneLink, [
      ...[':id', ':pool', ':now', ':until', '3600', ':lot'],
      ...[':phoneKey', ':participantId', ':customer', 'NULL', ':agentPhone', AGENT_ID, ':agent'],
      ...[':agentKey', AGENT_ID, ':agent', 'NULL', ':phone', ':participantId', ':customer'],
    ])};
    ${filled(joinMoveAndRecord, [
      ...[':id', ':becomes', ':due', ':event', ':now', ':until', ':now', 'NULL', 'NULL', 'false', '1'],
      ...['NULL', AGENT_ID, ':agent', ':agentPhone', ':agentKey', ':now'],
    ])};
    COMMIT;`;
  const now = Date.now();
  const instant = (hours: number) => new Date(now + hours * 3_600_000).toISOString();
  return {
    scripts: [{ text: unindented(text), weight: 1, counts: true }],
    variables: {
      customer: 'customer',
      agent: 'agent',
      none: 'none',
      becomes: 'active',
      event: 'order.agent-assigned',
      mine: '0',
      pool: POOLS[pool].id,
      now: instant(0),
      due: instant(23),
      until: instant(23.5),
      agentPhone: `\\x${vault.seal(newAgentPhone(0), phoneOf('nobody')).phone.toString('hex')}`,
    },
    clients,
    length: { transactionsPerClient: each },
  };
}

/** The text of a statement with pgbench's variables or literals in place of its parameters. */
function filled({ text }: Statement, values: readonly string[]): string {
  return text.replace(/\$(\d+)/g, (_, position) => values[Number(position) - 1]!);
}

/** pgbench reads a `\` command only at the beginning of a line. */
function unindented(text: string): string {
  return `${text.replace(/^[ \t]+/gm, '').trim()}\n`;
}

interface Hand {
  readonly hands: number;
  readonly numbers: string[];
  readonly numberKeys: Buffer[];
  readonly keys: Buffer[];
}

async function firstHand(databaseUrl: string): Promise<Hand> {
  const client = new Client({ connectionString: databaseUrl });
  await client.connect();
  try {
    const { rows } = await client.query<Hand>(`
      SELECT held.numbers, held.number_keys AS "numberKeys", held.keys, (SELECT max(hand) FROM bench.hands)::integer AS hands
      FROM bench.hands AS held WHERE held.hand = 0`);
    return rows[0]!;
  } finally {
    await client.end();
  }
}
