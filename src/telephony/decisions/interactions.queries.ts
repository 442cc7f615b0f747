import type { E164 } from '../../phone-number/e164.js';
import type { Connections, Statement } from '../../platform/database/statement.js';
import type { Verdict } from './verdict.js';
import type { CallAnswer } from './call-reasons.js';
import type { Step } from './interaction.entity.js';
import { isEnd, wasToBeRecorded } from './call-conditions.js';
import { noteDecisions } from './note-news.js';

export interface Decided {
  readonly provider: string;
  readonly providerCallId: string;
  readonly stepName: string;
  readonly step: Step;
  readonly virtualNumber: E164 | null;
  readonly verdict: Pick<Verdict, 'decision' | 'reason' | 'orderId' | 'callerRole'>;
  readonly at: Date;
  /** When to ask the provider for the call's end, if it is not reported by then; null if nobody is rung. */
  readonly askAt: Date | null;
  /** Keys the proof in the step; null = the answer is not repeated. */
  readonly secret: Buffer | null;
}

/**
 * Records decisions about different calls, each once for its call and step. Records none after a decision that
 * connected, after the call's end, or after the call's secret was deleted, because then the request is an old one.
 *
 * @returns for each decision: false, without a change, if the step was decided before or the call can no longer be
 *   decided
 */
export async function recordDecisions(
  connections: Connections,
  decisions: readonly Decided[],
): Promise<readonly boolean[]> {
  const [first, ...others] = decisions;
  if (first && others.length === 0) return [await recordDecision(connections, first)];
  const rows = decisions.map((decided) => ({ ...keyOfRow(decided), ...rowOf(decided) }));
  const { rows: recorded } = await connections.query<CallKey>({ ...insertDecisions, values: [JSON.stringify(rows)] });
  if (recorded.length === decisions.length) return decisions.map(() => true);
  const keys = new Set(recorded.map(keyOfCall));
  return decisions.map((decided) => keys.has(keyOfCall(decided)));
}

/** For a call that arrives alone: PostgreSQL needs a third less time than with an array. */
async function recordDecision(connections: Connections, decided: Decided): Promise<boolean> {
  const { provider, providerCallId, at, verdict, virtualNumber, stepName, step, askAt, secret } = decided;
  const { rowCount } = await connections.query({
    ...insertDecision,
    values: [
      ...[provider, providerCallId, at, verdict.orderId, verdict.callerRole, virtualNumber],
      ...[JSON.stringify({ [stepName]: step }), verdict.decision, verdict.reason, askAt, secret],
    ],
  });
  return rowCount === 1;
}

export type CallKey = Pick<Decided, 'provider' | 'providerCallId'>;

export function keyOfCall({ provider, providerCallId }: CallKey): string {
  return `${provider} ${providerCallId}`;
}

function keyOfRow({ provider, providerCallId }: CallKey) {
  return { provider, provider_call_id: providerCallId };
}

/** The columns of a decision, as JSON that PostgreSQL reads. */
export function rowOf({ at, verdict, virtualNumber, stepName, step, askAt, secret }: Decided) {
  return {
    at,
    order_id: verdict.orderId,
    caller_role: verdict.callerRole,
    virtual_number: virtualNumber,
    steps: { [stepName]: step },
    decision: verdict.decision,
    reason: verdict.reason,
    ask_at: askAt,
    repeat_secret: secret && bytesInJson(secret),
  };
}

export function bytesInJson(bytes: Buffer): string {
  return `\\x${bytes.toString('hex')}`;
}

export const COLUMNS_OF_DECISION = `at timestamptz, order_id uuid, caller_role text, virtual_number text, steps jsonb,
                                          decision text, reason text, ask_at timestamptz, repeat_secret bytea`;

const insertDecision: Statement = {
  name: 'record-decision',
  text: recordAndNote(`
    SELECT decided.*
    FROM (VALUES ($1, $2, $3::timestamptz, $4::uuid, $5, $6, $7::jsonb, $8, $9, $10::timestamptz, $11::bytea))
      AS decided (provider, provider_call_id, at, order_id, caller_role, virtual_number, steps, decision, reason,
                  ask_at, repeat_secret)`),
};

/** The rows are locked in the order of their keys, so that processes with the same calls do not deadlock. */
const insertDecisions: Statement = {
  name: 'record-decisions',
  text: recordAndNote(`
    SELECT decided.*
    FROM jsonb_to_recordset($1) AS decided (provider text, provider_call_id text, ${COLUMNS_OF_DECISION})`),
};

function recordAndNote(decided: string): string {
  return `
    WITH recorded AS (${recordEach(decided)}
    ), noted AS (${noteDecisions('recorded')}
    )
    SELECT recorded.provider, recorded."providerCallId" FROM recorded`;
}

/** The SQL that records decisions. @param decided a query for their keys and `COLUMNS_OF_DECISION` */
export function recordEach(decided: string): string {
  return `
    INSERT INTO interactions AS known (provider, provider_call_id, at, order_id, caller_role, virtual_number, steps,
                                       decision, reason, ask_at, repeat_secret)
    ${decided}
    ORDER BY decided.provider COLLATE "C", decided.provider_call_id COLLATE "C"
    ON CONFLICT (provider, provider_call_id) DO UPDATE
      SET steps = known.steps || EXCLUDED.steps, decision = EXCLUDED.decision, reason = EXCLUDED.reason,
          order_id = COALESCE(EXCLUDED.order_id, known.order_id),
          caller_role = COALESCE(EXCLUDED.caller_role, known.caller_role),
          virtual_number = COALESCE(EXCLUDED.virtual_number, known.virtual_number),
          ask_at = CASE WHEN COALESCE(known.outcome, 'not-dialled') = 'not-dialled'
                          OR (known.outcome = 'completed' AND ${wasToBeRecorded('EXCLUDED.steps')})
                        THEN EXCLUDED.ask_at END,
          repeat_secret = EXCLUDED.repeat_secret
      WHERE NOT known.steps ?| ARRAY(SELECT jsonb_object_keys(EXCLUDED.steps)) AND ${isDecidable('known')}
    RETURNING known.provider, known.provider_call_id AS "providerCallId", known.at, known.order_id, known.caller_role,
              known.virtual_number, known.decision, known.reason, known.steps, known.outcome, known.talk_seconds`;
}

/** Whether a call can be decided: for the first time, or at another step soon after one that did not connect it. */
function isDecidable(call: string): string {
  return `(${call}.decision IS NULL OR (${call}.decision <> 'connect' AND ${call}.repeat_secret IS NOT NULL
                                        AND COALESCE(${call}.outcome, 'not-dialled') = 'not-dialled'))`;
}

/**
 * The SQL that gives each call a secret, which keys its steps: the existing one, or else the offered one. A call that was
 * asked for a PIN has one, and is not written again.
 *
 * It defines the table `secrets` with the columns provider, provider_call_id and repeat_secret. A secret of null means that
 * the call can no longer be decided. The limit forces PostgreSQL to look each call up by its key.
 *
 * @param asked a table with the columns provider, provider_call_id, at and offered
 */
export function secretOfEach(asked: string): string {
  return `
    known_secrets AS MATERIALIZED (
      SELECT one.provider, one.provider_call_id, known.repeat_secret
      FROM ${asked} AS one
      CROSS JOIN LATERAL (SELECT call.repeat_secret, call.decision FROM interactions AS call
                          WHERE call.provider = one.provider AND call.provider_call_id = one.provider_call_id
                          LIMIT 1) AS known
      WHERE known.repeat_secret IS NOT NULL OR known.decision IS NOT NULL
    ), new_secrets AS (
      INSERT INTO interactions AS known (provider, provider_call_id, at, repeat_secret)
      SELECT one.provider, one.provider_call_id, one.at, one.offered FROM ${asked} AS one
      WHERE NOT EXISTS (SELECT FROM known_secrets AS known
                        WHERE known.provider = one.provider AND known.provider_call_id = one.provider_call_id)
      ORDER BY one.provider COLLATE "C", one.provider_call_id COLLATE "C"
      ON CONFLICT (provider, provider_call_id) DO UPDATE
        SET repeat_secret = CASE WHEN known.decision IS NULL THEN COALESCE(known.repeat_secret, EXCLUDED.repeat_secret)
                                 ELSE known.repeat_secret END
      RETURNING known.provider, known.provider_call_id, known.repeat_secret
    ), secrets AS (
      TABLE known_secrets UNION ALL TABLE new_secrets
    )`;
}

/** A call that was decided before. */
export interface Answered {
  /** The decision at the step; null = none. */
  readonly step: Step | null;
  /** Keys the proof in the step; null = deleted. */
  readonly secret: Buffer | null;
  readonly hasEnded: boolean;
}

/** The earlier decision at a step of a call; null if the call is unknown. */
export async function findAnswered(
  connections: Connections,
  provider: string,
  providerCallId: string,
  stepName: string,
): Promise<Answered | null> {
  const { rows } = await connections.query<Answered>({
    name: 'find-answered',
    text: `SELECT known.steps -> $3 AS step, known.repeat_secret AS secret,
                  ${isEnd('known.outcome', 'known.steps')} IS TRUE AS "hasEnded"
           FROM interactions AS known WHERE known.provider = $1 AND known.provider_call_id = $2`,
    values: [provider, providerCallId, stepName],
  });
  return rows[0] ?? null;
}

/** Deletes secrets of calls and texts from before an instant, at most `limit` at once. @returns how many */
export async function deleteSecrets(connections: Connections, before: Date, limit: number): Promise<number> {
  const { rowCount } = await connections.query({
    name: 'delete-secrets',
    text: `
      UPDATE interactions AS known SET repeat_secret = NULL
      WHERE (known.provider, known.provider_call_id) IN (
        SELECT due.provider, due.provider_call_id FROM interactions AS due
        WHERE due.repeat_secret IS NOT NULL AND due.at < $1
        ORDER BY due.at LIMIT $2 FOR UPDATE SKIP LOCKED)`,
    values: [before, limit],
  });
  return rowCount ?? 0;
}

/** The last decision about a call. */
export type LastDecision = CallAnswer & {
  /** Null = the dialled number is not ours. */
  readonly virtualNumber: E164 | null;
};

/** The last decision about a call; null if the call is unknown. */
export async function findLastDecision(
  connections: Connections,
  provider: string,
  providerCallId: string,
): Promise<LastDecision | null> {
  const { rows } = await connections.query<LastDecision>({
    name: 'find-last-decision',
    text: `
      SELECT known.decision, known.reason, known.virtual_number AS "virtualNumber"
      FROM interactions AS known
      WHERE known.provider = $1 AND known.provider_call_id = $2 AND known.decision IS NOT NULL`,
    values: [provider, providerCallId],
  });
  return rows[0] ?? null;
}
