import type { Connections, Statement } from '../../platform/database/statement.js';
import type { CallAssignment, KeyedCall } from '../../virtual-numbers/assignments/call-directory.js';
import {
  ASSIGNMENT_AND_POLICY,
  ASSIGNMENT_OF_CALLER,
  ASSIGNMENT_OF_PIN,
  NUMBER_AND_MIRROR,
  PINS_ON_NUMBER,
  UNJOINED,
} from '../../virtual-numbers/assignments/call-lookups.js';
import type { Allowance } from '../tries/recent-tries.js';
import { takeEach } from '../tries/recent-tries.queries.js';
import { noteDecisions } from '../decisions/note-news.js';
import {
  bytesInJson,
  COLUMNS_OF_DECISION,
  keyOfCall,
  recordEach,
  rowOf,
  secretOfEach,
  type CallKey,
  type Decided,
} from '../decisions/interactions.queries.js';

/*
 * The two statements of a call at which a PIN was entered: one reads, the other counts tries and records. Both serve many
 * calls at once; each call is only once in a statement.
 */

/** A call at which digits were entered. */
export interface PinStep extends CallKey {
  readonly at: Date;
  /** Becomes the call's secret if it has none. */
  readonly offered: Buffer;
  /** Null = not ours in any case. */
  readonly numberKey: Buffer | null;
  /** Null = withheld. */
  readonly callerKey: Buffer | null;
  /** Null = the digits cannot be a PIN. */
  readonly pinKey: Buffer | null;
}

export interface PinStepFacts extends KeyedCall {
  /** Keys the steps of the call; null = the call can no longer be decided. */
  readonly secret: Buffer | null;
}

type FactsRow = Partial<CallAssignment> & {
  readonly position: number;
  readonly secret: Buffer | null;
  readonly facts: Omit<KeyedCall, 'joined' | 'byPin'>;
  readonly foundBy: 'caller' | 'pin' | null;
};

/** Reads all that decides calls with digits, and gives each call a secret. */
export async function readPinSteps(connections: Connections, steps: readonly PinStep[]): Promise<PinStepFacts[]> {
  const asked = steps.map(({ provider, providerCallId, at, offered, ...keys }, position) => ({
    position,
    provider,
    provider_call_id: providerCallId,
    at,
    offered: bytesInJson(offered),
    number_key: keys.numberKey && bytesInJson(keys.numberKey),
    caller_key: keys.callerKey && bytesInJson(keys.callerKey),
    pin_key: keys.pinKey && bytesInJson(keys.pinKey),
  }));
  const { rows } = await connections.query<FactsRow>({ ...readEach, values: [JSON.stringify(asked)] });
  const read: PinStepFacts[] = [];
  for (const { position, secret, facts, foundBy, ...assignment } of rows) {
    const found = foundBy === null ? null : (assignment as CallAssignment);
    const { joined = null, byPin = null } = read[position] ?? {};
    read[position] = {
      secret,
      ...facts,
      joined: foundBy === 'caller' ? found : joined,
      byPin: foundBy === 'pin' ? found : byPin,
    };
  }
  return read;
}

/**
 * Does not wait until its commit is on the disk, which would take as long as all the rest: the second statement waits, and
 * it records the secret again should a failure of the database have lost it.
 */
const readEach: Statement = {
  name: 'read-pin-step',
  text: `
    WITH asked AS MATERIALIZED (
      SELECT one.*
      FROM jsonb_to_recordset($1) AS one (position integer, provider text, provider_call_id text, at timestamptz,
                                          offered bytea, number_key bytea, caller_key bytea, pin_key bytea),
           set_config('synchronous_commit', 'off', true)
    ), ${secretOfEach('asked')}
    SELECT asked.position, secrets.repeat_secret AS secret, facts.facts, found.*
    FROM asked
    JOIN secrets ON secrets.provider = asked.provider AND secrets.provider_call_id = asked.provider_call_id
    CROSS JOIN LATERAL (
      SELECT jsonb_build_object('unjoined', to_jsonb(unjoined), 'poolId', pool."poolId", 'pins', COALESCE(pool.pins, 0))
             AS facts
      FROM (SELECT ${UNJOINED} FROM (SELECT) AS one ${NUMBER_AND_MIRROR}) AS unjoined
      LEFT JOIN LATERAL (${PINS_ON_NUMBER}) AS pool ON true) AS facts
    LEFT JOIN LATERAL (
      SELECT 'caller' AS "foundBy", ${ASSIGNMENT_AND_POLICY} FROM (SELECT) AS one ${ASSIGNMENT_OF_CALLER}
      UNION ALL
      SELECT 'pin', ${ASSIGNMENT_AND_POLICY} FROM (SELECT) AS one ${ASSIGNMENT_OF_PIN}) AS found ON true`,
};

/** What becomes of a call at which digits were entered, depending on the tries that are left. */
export const PIN_OUTCOMES = [
  'spent', // the call has no try left; nothing was judged
  'locked', // the caller, the number or the pool has no try left; the PIN was not checked
  'locked-last', // the same, and it was the call's last try
  'judged',
  'judged-last', // the same, at the call's last try
  'capped', // the PIN is right, and the call is one too many of this caller to this callee
] as const;
export type PinOutcome = (typeof PIN_OUTCOMES)[number];

/** Tries of somebody or something. A try that does not stay is only needed to be allowed. */
export interface Tries extends Allowance {
  readonly stays: boolean;
}

/** The wrong PINs of a pool; see wrong-pins.ts. */
export interface WrongPinsOfPool {
  readonly poolId: string;
  readonly isWithheld: boolean;
  /** The PIN is not checked if so many were entered within a day. */
  readonly most: number;
  readonly isWrong: boolean;
}

/** A call at which digits were entered, and all decisions that may come of it. */
export interface PinTry {
  /** How many steps with digits a call has at most, this one included. */
  readonly mostInCall: number;
  readonly ofCaller: Tries | null;
  readonly onNumber: Tries | null;
  readonly inPool: WrongPinsOfPool | null;
  /** Counted if the PIN is right. */
  readonly cap: Allowance | null;
  readonly decisions: Readonly<Record<PinOutcome, Decided>>;
}

export interface PinTried {
  readonly outcome: PinOutcome;
  /** Whether its decision was recorded: the step was not decided before, and the call could be decided. */
  readonly isRecorded: boolean;
}

/** What must not be twice in a statement, because each takes tries. */
export function subjectsOf({ decisions, ofCaller, onNumber, cap }: PinTry): string[] {
  const subjects = [ofCaller?.subject, onNumber?.subject, cap?.subject].filter((one) => one !== undefined);
  return [`call ${keyOfCall(decisions.judged)}`, ...subjects];
}

/**
 * Takes the tries of calls, and records the decisions that come of it, all in one transaction. The rows of the tries are
 * locked meanwhile, so simultaneous guesses gain nothing. The same step again takes no other try.
 */
export async function decidePinSteps(connections: Connections, tries: readonly PinTry[]): Promise<PinTried[]> {
  const asked = tries.map(({ mostInCall, ofCaller, onNumber, inPool, cap, decisions }, position) => {
    const { provider, providerCallId, stepName, at } = decisions.judged; // the same in all of them
    return {
      position,
      provider,
      provider_call_id: providerCallId,
      step_name: stepName,
      call_id: keyOfCall(decisions.judged),
      at,
      at_ms: at.getTime(),
      most_of_call: mostInCall,
      caller_subject: ofCaller?.subject,
      most_of_caller: ofCaller?.most,
      caller_stays: ofCaller?.stays,
      number_subject: onNumber?.subject,
      most_on_number: onNumber?.most,
      number_stays: onNumber?.stays,
      pool_id: inPool?.poolId,
      is_withheld: inPool?.isWithheld,
      most_in_pool: inPool?.most,
      is_wrong: inPool?.isWrong ?? false,
      cap_subject: cap?.subject,
      most_of_cap: cap?.most,
    };
  });
  const choices = tries.map(({ decisions }, position) => ({
    position,
    decisions: Object.fromEntries(PIN_OUTCOMES.map((outcome) => [outcome, rowOf(decisions[outcome])])),
  }));
  const { rows } = await connections.query<PinTried & { position: number }>({
    ...decideEach,
    values: [JSON.stringify(asked), JSON.stringify(choices)],
  });
  const tried: PinTried[] = [];
  for (const { position, ...one } of rows) tried[position] = one;
  return tried;
}

const DAY = `interval '1 day'`;
const HOUR = `interval '1 hour'`;

/** Whether as many tries of a subject as it has count within the day before `one.at_ms`; false if there is no subject. */
function hasNoneLeft(subject: string, most: string): string {
  return `COALESCE((SELECT count(*) FROM recent_tries AS known, jsonb_each(known.tries) AS try
                       WHERE known.subject = ${subject} AND try.value::bigint > one.at_ms - 86400000) >= ${most}, false)`;
}

/**
 * Locks rows in the same order whatever the batch: the calls by their keys, then the tries of callers, numbers and caps,
 * each by subject, then the pools' wrong PINs. Each part sorts its rows, so it begins when the one before it is done.
 *
 * Steps with digits have names with a space, and no others have. A PIN that is right reads the tries that a wrong one
 * writes, so that it waits for nobody and leaves nothing behind.
 */
const decideEach: Statement = {
  name: 'decide-pin-step',
  text: `
    WITH given AS MATERIALIZED (
      SELECT one.*, one.call_id || ' ' || one.step_name AS guess_id,
             one.most_in_pool IS NOT NULL
               AND (SELECT COALESCE(sum(wrong.count), 0) FROM wrong_pins AS wrong
                    WHERE wrong.pool_id = one.pool_id AND wrong.is_withheld = one.is_withheld
                      AND wrong.hour > one.at - ${DAY}) >= one.most_in_pool AS pool_is_locked,
             ${hasNoneLeft('one.caller_subject', 'one.most_of_caller')} AS caller_is_locked,
             ${hasNoneLeft('one.number_subject', 'one.most_on_number')} AS number_is_locked
      FROM jsonb_to_recordset($1) AS one (
        position integer, provider text, provider_call_id text, step_name text, call_id text, at timestamptz,
        at_ms bigint, most_of_call integer, caller_subject text, most_of_caller integer, caller_stays boolean,
        number_subject text, most_on_number integer, number_stays boolean, pool_id uuid, is_withheld boolean,
        most_in_pool integer, is_wrong boolean, cap_subject text, most_of_cap integer)
    ), call_steps AS MATERIALIZED (
      SELECT one.position, call.steps ? one.step_name AS is_known,
             (SELECT count(*) FROM jsonb_object_keys(call.steps) AS step WHERE step LIKE '% %') AS count
      FROM (SELECT * FROM given ORDER BY given.provider COLLATE "C", given.provider_call_id COLLATE "C") AS one
      CROSS JOIN LATERAL (SELECT known.steps FROM interactions AS known
                          WHERE known.provider = one.provider AND known.provider_call_id = one.provider_call_id
                          LIMIT 1 FOR NO KEY UPDATE) AS call
    ), of_call AS MATERIALIZED (
      SELECT given.*, given.pool_is_locked OR given.caller_is_locked OR given.number_is_locked AS is_locked,
             COALESCE(call.is_known OR call.count < given.most_of_call, true) AS may_guess,
             COALESCE(call.count, 0) + CASE WHEN call.is_known THEN 0 ELSE 1 END >= given.most_of_call AS is_last
      FROM given LEFT JOIN call_steps AS call ON call.position = given.position
    ), caller_tries AS (
      ${takeEach(
        `SELECT of_call.caller_subject, jsonb_build_object(of_call.guess_id, of_call.at_ms), of_call.at + ${DAY}
         FROM of_call WHERE of_call.may_guess AND of_call.caller_stays AND NOT of_call.is_locked`,
        {
          withinMs: 86_400_000,
          most: `(SELECT one.most_of_caller FROM given AS one WHERE one.caller_subject = EXCLUDED.subject)`,
        },
      )}
    ), of_caller AS MATERIALIZED (
      SELECT of_call.*, of_call.may_guess AND NOT of_call.is_locked
                          AND (of_call.caller_stays IS NOT TRUE OR caller_tries.tries ? of_call.guess_id) AS may_judge
      FROM of_call LEFT JOIN caller_tries ON caller_tries.subject = of_call.caller_subject
    ), number_tries AS (
      ${takeEach(
        `SELECT of_caller.number_subject, jsonb_build_object(of_caller.guess_id, of_caller.at_ms), of_caller.at + ${DAY}
         FROM of_caller WHERE of_caller.may_judge AND of_caller.number_stays`,
        {
          withinMs: 86_400_000,
          most: `(SELECT one.most_on_number FROM given AS one WHERE one.number_subject = EXCLUDED.subject)`,
        },
      )}
    ), judged AS MATERIALIZED (
      SELECT of_caller.*, of_caller.may_judge
                            AND (of_caller.number_stays IS NOT TRUE OR number_tries.tries ? of_caller.guess_id) AS is_judged
      FROM of_caller LEFT JOIN number_tries ON number_tries.subject = of_caller.number_subject
    ), cap_tries AS (
      ${takeEach(
        `SELECT judged.cap_subject, jsonb_build_object(judged.call_id, judged.at_ms), judged.at + ${HOUR}
         FROM judged WHERE judged.is_judged AND judged.cap_subject IS NOT NULL`,
        {
          withinMs: 3_600_000,
          most: `(SELECT one.most_of_cap FROM given AS one WHERE one.cap_subject = EXCLUDED.subject)`,
        },
      )}
    ), decided AS MATERIALIZED (
      SELECT judged.*,
             CASE WHEN NOT judged.may_guess THEN 'spent'
                  WHEN NOT judged.is_judged THEN CASE WHEN judged.is_last THEN 'locked-last' ELSE 'locked' END
                  WHEN judged.cap_subject IS NOT NULL AND NOT cap_tries.tries ? judged.call_id THEN 'capped'
                  WHEN judged.is_last THEN 'judged-last' ELSE 'judged' END AS outcome
      FROM judged LEFT JOIN cap_tries ON cap_tries.subject = judged.cap_subject
    ), recorded AS (
      ${recordEach(`
      SELECT decided.provider, decided.provider_call_id, one.*
      FROM decided
      JOIN jsonb_to_recordset($2) AS choice (position integer, decisions jsonb) ON choice.position = decided.position
      CROSS JOIN LATERAL jsonb_to_record(choice.decisions -> decided.outcome) AS one (${COLUMNS_OF_DECISION})`)}
    ), noted AS (${noteDecisions('recorded')}
    ), done AS MATERIALIZED (
      SELECT decided.*, recorded.provider IS NOT NULL AS is_recorded
      FROM decided
      LEFT JOIN recorded ON recorded.provider = decided.provider
                        AND recorded."providerCallId" = decided.provider_call_id
    ), counted AS (
      INSERT INTO wrong_pins AS wrong (pool_id, is_withheld, hour, count)
      SELECT done.pool_id, done.is_withheld, date_trunc('hour', done.at, 'UTC') AS hour, count(*)
      FROM done WHERE done.is_recorded AND done.is_judged AND done.is_wrong
      GROUP BY 1, 2, 3 ORDER BY 1, 2, 3
      ON CONFLICT (pool_id, is_withheld, hour) DO UPDATE SET count = wrong.count + EXCLUDED.count
    )
    SELECT done.position, done.outcome, done.is_recorded AS "isRecorded" FROM done`,
};
