import type { Pool as Connections } from 'pg';

import type { E164 } from '../phone-number/e164.js';
import type { Statement } from '../platform/database/statement.js';
import type { Verdict } from './call-decision.js';
import { OUTCOMES, type Outcome, type Step } from './interaction.entity.js';

export interface Decided {
  readonly provider: string;
  readonly providerCallId: string;
  readonly stepName: string;
  readonly step: Step;
  readonly virtualNumber: E164 | null;
  readonly verdict: Verdict;
  readonly at: Date;
}

/** Records a decision, once a call and step. @returns false when that step was decided before; nothing is changed then */
export async function recordDecision(connections: Connections, decided: Decided): Promise<boolean> {
  const { provider, providerCallId, stepName, step, virtualNumber, verdict, at } = decided;
  const { rowCount } = await connections.query({
    ...insertDecision,
    values: [
      provider,
      providerCallId,
      at,
      verdict.orderId,
      verdict.callerRole,
      virtualNumber,
      JSON.stringify({ [stepName]: step }),
      verdict.decision,
      verdict.reason,
      stepName,
    ],
  });
  return rowCount === 1;
}

export const insertDecision: Statement = {
  name: 'record-decision',
  text: `
    INSERT INTO interactions AS known (provider, provider_call_id, at, order_id, caller_role, virtual_number, steps,
                                       decision, reason)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
    ON CONFLICT (provider, provider_call_id) DO UPDATE
      SET steps = known.steps || EXCLUDED.steps, decision = EXCLUDED.decision, reason = EXCLUDED.reason,
          order_id = COALESCE(EXCLUDED.order_id, known.order_id),
          caller_role = COALESCE(EXCLUDED.caller_role, known.caller_role),
          virtual_number = COALESCE(EXCLUDED.virtual_number, known.virtual_number)
      WHERE NOT known.steps ? $10`,
};

/** What was decided at a step of a call before. */
export async function findStep(
  connections: Connections,
  provider: string,
  providerCallId: string,
  stepName: string,
): Promise<Step | null> {
  const { rows } = await connections.query<{ step: Step | null }>({
    name: 'find-step',
    text: `SELECT known.steps -> $3 AS step FROM interactions AS known
           WHERE known.provider = $1 AND known.provider_call_id = $2`,
    values: [provider, providerCallId, stepName],
  });
  return rows[0]?.step ?? null;
}

/** The newest reason of a call; null when we know of no decision for it. */
export async function findReason(
  connections: Connections,
  provider: string,
  providerCallId: string,
): Promise<string | null> {
  const { rows } = await connections.query<{ reason: string | null }>({
    name: 'find-reason',
    text: `SELECT known.reason FROM interactions AS known WHERE known.provider = $1 AND known.provider_call_id = $2`,
    values: [provider, providerCallId],
  });
  return rows[0]?.reason ?? null;
}

export interface Ended {
  readonly provider: string;
  readonly providerCallId: string;
  readonly outcome: Outcome;
  readonly talkSeconds: number | null;
  readonly at: Date;
}

/** Records how a call ended. Of several reports the one that tells most stands, in whichever order they come. */
export async function recordEnd(connections: Connections, ended: Ended): Promise<void> {
  const { provider, providerCallId, outcome, talkSeconds, at } = ended;
  await connections.query({
    name: 'record-end',
    text: `
      INSERT INTO interactions AS known (provider, provider_call_id, at, outcome, talk_seconds, ended_at)
      VALUES ($1, $2, $5, $3, $4, $5)
      ON CONFLICT (provider, provider_call_id) DO UPDATE
        SET outcome = EXCLUDED.outcome, talk_seconds = EXCLUDED.talk_seconds, ended_at = EXCLUDED.ended_at
        WHERE known.outcome IS NULL
           OR array_position($6::text[], EXCLUDED.outcome) > array_position($6::text[], known.outcome)`,
    values: [provider, providerCallId, outcome, talkSeconds, at, OUTCOMES],
  });
}
