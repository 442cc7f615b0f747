import type { Connections, Statement } from '../../platform/database/statement.js';
import type { Role } from '../../virtual-numbers/role.js';
import { isEnd, wasToBeRecorded } from '../decisions/call-conditions.js';
import { noteEnd } from '../decisions/note-news.js';
import { OUTCOMES, type Outcome, type Progress } from '../providers/call-report.js';

/**
 * The participant who is calling in a call that is in progress; null if there is none, or the call is over or unknown.
 */
export async function findCaller(
  connections: Connections,
  provider: string,
  providerCallId: string,
): Promise<{ orderId: string; role: Role } | null> {
  const { rows } = await connections.query<{ orderId: string; role: Role }>({
    name: 'find-caller',
    text: `
      SELECT known.order_id AS "orderId", known.caller_role AS role
      FROM interactions AS known
      WHERE known.provider = $1 AND known.provider_call_id = $2
        AND known.order_id IS NOT NULL AND known.caller_role IS NOT NULL
        AND COALESCE(known.outcome, 'not-dialled') = 'not-dialled'`,
    values: [provider, providerCallId],
  });
  return rows[0] ?? null;
}

interface Reported {
  readonly provider: string;
  readonly providerCallId: string;
  readonly progress: Progress | null;
  readonly sequence: number | null;
  readonly outcome: Outcome | null;
  readonly talkSeconds: number | null;
  readonly ringSeconds: number | null;
  readonly hungUpBy: 'caller' | 'callee' | null;
  readonly at: Date;
}

/**
 * Records a provider's report on a call. The result is the same in whichever order reports come, and however often: the
 * end that says most wins, then the one with the higher sequence, the longer talk, and the earlier time; progress never
 * goes back. If two reports contradict each other, `hung_up_by` is the greater word, which only makes it deterministic.
 *
 * The report of an end deletes the call's secret, so that its answer is not repeated. A call that was connected at a
 * later step is still waited for, although an earlier step reported that nobody was dialled. So is a missing recording,
 * until `keepRecording` stores it.
 *
 * A report may come after the call was moved to its month with its order. Then it is recorded there.
 */
export async function recordReport(connections: Connections, reported: Reported): Promise<void> {
  const { provider, providerCallId, progress, sequence, outcome, talkSeconds, ringSeconds, hungUpBy, at } = reported;
  const { rows } = await connections.query<{ isNew: boolean }>({
    ...mergeReport,
    values: [
      provider,
      providerCallId,
      at,
      progress,
      outcome === null ? null : sequence,
      outcome,
      outcome === null ? null : talkSeconds,
      outcome === null ? null : at,
      ringSeconds,
      hungUpBy,
      OUTCOMES,
    ],
  });
  if (rows[0]!.isNew) await connections.query({ ...mergeLateReport, values: [provider, providerCallId, OUTCOMES] });
}

/** What a call becomes by a report. @param told the reported values @param outcomes the place of all outcomes */
const merged = (told: string, outcomes: string) => `
          (outcome, sequence, talk_seconds, ended_at) =
            (SELECT one.outcome, one.sequence, one.talk_seconds, one.ended_at
             FROM (VALUES (known.outcome, known.sequence, known.talk_seconds, known.ended_at),
                          (${told}.outcome, ${told}.sequence, ${told}.talk_seconds, ${told}.ended_at))
                  AS one (outcome, sequence, talk_seconds, ended_at)
             ORDER BY array_position(${outcomes}::text[], one.outcome) DESC NULLS LAST, one.sequence DESC NULLS LAST,
                      one.talk_seconds DESC NULLS LAST, one.ended_at
             LIMIT 1),
          at = LEAST(known.at, ${told}.at),
          progress = CASE WHEN 'answered' IN (known.progress, ${told}.progress) THEN 'answered'
                          ELSE COALESCE(known.progress, ${told}.progress) END,
          ring_seconds = GREATEST(known.ring_seconds, ${told}.ring_seconds),
          hung_up_by = GREATEST(known.hung_up_by, ${told}.hung_up_by)`;

const mergeReport: Statement = {
  name: 'record-report',
  text: `
    WITH before AS MATERIALIZED (${lockedBefore('interactions')}
    ), merged AS (
    INSERT INTO interactions AS known (provider, provider_call_id, at, progress, sequence, outcome, talk_seconds, ended_at,
                                       ring_seconds, hung_up_by)
    SELECT $1, $2, $3::timestamptz, $4, $5::integer, $6, $7::integer, $8::timestamptz, $9::integer, $10
    FROM (SELECT) AS told LEFT JOIN before ON true -- so that the row is locked first
    ON CONFLICT (provider, provider_call_id) DO UPDATE
      SET ${merged('EXCLUDED', '$11')},
          ask_at = CASE WHEN ${isEnd('COALESCE(EXCLUDED.outcome, known.outcome)', 'known.steps')}
                          AND NOT (COALESCE(EXCLUDED.outcome, known.outcome) = 'completed'
                                   AND ${wasToBeRecorded('known.steps')} AND known.recording IS NULL)
                        THEN NULL ELSE known.ask_at END,
          repeat_secret = CASE WHEN COALESCE(EXCLUDED.outcome, known.outcome, 'not-dialled') = 'not-dialled'
                               THEN known.repeat_secret END
    RETURNING known.*, known.xmax = 0 AS is_new
    ), noted AS (${noteEnd('merged', 'before', isEnd('one.outcome', 'one.steps'))}
    )
    SELECT merged.is_new AS "isNew" FROM merged`,
};

/** The row that the report has created is merged into the one that was moved. */
const mergeLateReport: Statement = {
  name: 'record-late-report',
  text: `
    WITH before AS MATERIALIZED (${lockedBefore('ended_interactions')}
    ), late AS (
      DELETE FROM interactions AS stray
      USING ended_interactions AS ended
      WHERE stray.provider = $1 AND stray.provider_call_id = $2 AND stray.decision IS NULL
        AND ended.provider = stray.provider AND ended.provider_call_id = stray.provider_call_id
      RETURNING stray.*
    ), merged AS (
    UPDATE ended_interactions AS known
    SET ${merged('late', '$3')}
    FROM late CROSS JOIN before
    WHERE known.provider = late.provider AND known.provider_call_id = late.provider_call_id
    RETURNING known.*
    ), noted AS (${noteEnd('merged', 'before', isEnd('one.outcome', 'one.steps'))}
    )
    SELECT FROM merged`,
};

/** The end of the reported call that is known so far. Its row is locked, so that of two reports one is the later one. */
function lockedBefore(table: string): string {
  return `
      SELECT known.outcome, known.talk_seconds FROM ${table} AS known
      WHERE known.provider = $1 AND known.provider_call_id = $2 FOR UPDATE`;
}

/**
 * Stores the sealed link to a call's recording, if it is the first one and the call was to be recorded. If the call's
 * end is known too, nothing more is asked of the provider.
 *
 * @returns false if there is no such call, or it was not to be recorded; then nothing is stored
 */
export async function keepRecording(
  connections: Connections,
  provider: string,
  providerCallId: string,
  sealed: Buffer,
): Promise<boolean> {
  const values = [provider, providerCallId, sealed];
  const { rowCount } = await connections.query({ ...keepLink('interactions'), values });
  if (rowCount === 1) return true;
  const late = await connections.query({ ...keepLink('ended_interactions'), values });
  return late.rowCount === 1;
}

const keepLink = (table: string): Statement => ({
  name: `keep-recording-in-${table}`,
  text: `
    UPDATE ${table} AS known
    SET recording = COALESCE(known.recording, $3), ask_at = CASE WHEN known.outcome IS NULL THEN known.ask_at END
    WHERE known.provider = $1 AND known.provider_call_id = $2 AND ${wasToBeRecorded('known.steps')}`,
});
