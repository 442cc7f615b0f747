import type { E164 } from '../../phone-number/e164.js';
import { monthBound, type Connections, type Statement } from '../../platform/database/statement.js';
import type { NumberStatus } from '../number-status.js';
import type { CallPolicy } from '../pools/pool.entity.js';
import type { Role } from '../role.js';
import { calleeRoleOf } from './callee-role.js';
import { coversInstant } from './covers-instant.js';
import { isWhole, type FromHistory } from './months-of-history.js';

/** One dialler's right to reach a callee through a number, as it is stored now. */
export interface AssignmentRecord {
  readonly virtualNumber: E164;
  readonly orderId: string;
  readonly diallerId: string;
  readonly diallerRole: Role;
  /** With `diallerRole`, the link. */
  readonly calleeRole: Role;
  /** Null if the link is half-open, or was to the end. So is the shown number. */
  readonly calleeId: string | null;
  readonly shownNumber: E164 | null;
  /** Whether the link's direction lets the dialler call; null = as the pool's direction does, or no longer stored. */
  readonly mayDial: boolean | null;
  readonly assignedAt: Date;
  readonly connectsUntil: Date;
  /** When the number was taken back; null = not yet. Nothing changes the assignment after that. */
  readonly releasedAt: Date | null;
  readonly quarantinedUntil: Date | null;
  /** Whether it ended while its order went on; false if that is no longer stored. */
  readonly endedEarly: boolean;
  /** Since when the callee blocks the dialler; null if not, or no longer. */
  readonly blockedAt: Date | null;
  /** A restore has left in doubt whether this still is so. */
  readonly unconfirmed: boolean;
}

/** What is stored about a number of ours and a phone that calls it, as far as it matters at an instant. */
export interface NumberAndCaller {
  readonly number: E164;
  readonly status: NumberStatus;
  readonly createdAt: Date;
  /** How many links the number serves now. */
  readonly ordersHeld: number;
  /** The current policy of the number's pool, and the pool's name. */
  readonly pool: CallPolicy & { readonly name: string };
  /** The policy that applied at the instant, and since when; null if it is not stored. */
  readonly held: { readonly since: Date; readonly policy: CallPolicy } | null;
  /** Since when the caller's phone is a number of ours; null = it is not. */
  readonly callerIsOursSince: Date | null;
  /** The caller may dial any of our numbers. */
  readonly callerIsKnown: boolean;
  /**
   * The assignment with which the phone could dial the number. It is in the table until it is archived, some time after
   * its quarantine. An archived one has lost its phone, so it cannot be found by the phone.
   */
  readonly joining: AssignmentRecord | null;
  /**
   * The assignments of the phone whose callee may have seen the number, longest assigned first. This list and the two
   * next ones are empty if an assignment joins the phone and the number.
   */
  readonly standing: readonly AssignmentRecord[];
  /** At most two of the orders that the number served. For the present, only the only one. */
  readonly served: readonly string[];
  /** The assignments of the number whose phones are deleted. Any of them may have belonged to the phone. */
  readonly deleted: readonly AssignmentRecord[];
  /** The assignments of the other side of all links in `joining` and `standing`, longest assigned first. */
  readonly others: readonly AssignmentRecord[];
}

/** A number, a phone that calls it, and an instant. */
export interface NumberAndCallerAt {
  readonly numberKey: Buffer;
  /** Null = withheld: it matches nothing. */
  readonly callerKey: Buffer | null;
  readonly at: Date;
}

/** Reads what is stored about numbers and callers of the present, in one statement, which needs no history. */
export async function numbersAndCallersNow(
  connections: Connections,
  asked: readonly NumberAndCallerAt[],
): Promise<(NumberAndCaller | null)[]> {
  const { rows } = await connections.query<Row>({ ...readNow, values: valuesOf(asked) });
  return answersIn(rows, asked);
}

/** The same for instants that are past, with history from a month on. */
export async function numbersAndCallersThen(
  connections: Connections,
  asked: readonly NumberAndCallerAt[],
  from: string,
): Promise<FromHistory<(NumberAndCaller | null)[]>> {
  const { rows } = await connections.query<Row>({ ...readThen, values: [...valuesOf(asked), from] });
  return { answer: answersIn(rows, asked), isWhole: rows.every((row) => row.isWhole) };
}

const valuesOf = (asked: readonly NumberAndCallerAt[]) => [
  asked.map(({ numberKey }) => numberKey),
  asked.map(({ callerKey }) => callerKey),
  asked.map(({ at }) => at),
];

/** For each question: null if the number is not ours. */
function answersIn(rows: readonly Row[], asked: readonly NumberAndCallerAt[]): (NumberAndCaller | null)[] {
  const known: (NumberAndCaller | null)[] = asked.map(() => null);
  for (const row of rows) known[row.position - 1] = knownBy(row);
  return known;
}

function knownBy({
  position: _position,
  isWhole: _isWhole,
  heldSince,
  heldPolicy,
  joining,
  standing,
  deleted,
  others,
  ...rest
}: Row): NumberAndCaller {
  return {
    ...rest,
    held: heldSince && heldPolicy && { since: heldSince, policy: heldPolicy },
    joining: joining && recordOf(joining),
    standing: standing.map(recordOf),
    deleted: deleted.map(recordOf),
    others: others.map(recordOf),
  };
}

type Row = Omit<NumberAndCaller, 'held' | 'joining' | 'standing' | 'deleted' | 'others'> & {
  /** Of the question, counted from one. */
  readonly position: number;
  /** Whether no month of history that matters was left aside. */
  readonly isWhole: boolean;
  readonly heldSince: Date | null;
  readonly heldPolicy: CallPolicy | null;
  readonly joining: InJson | null;
  readonly standing: readonly InJson[];
  readonly deleted: readonly InJson[];
  readonly others: readonly InJson[];
};

/** JSON has no instants. */
type InJson = {
  readonly [Field in keyof AssignmentRecord]: Extract<AssignmentRecord[Field], Date> extends never
    ? AssignmentRecord[Field]
    : string | Extract<AssignmentRecord[Field], null>;
};

function recordOf(row: InJson): AssignmentRecord {
  return {
    ...row,
    assignedAt: new Date(row.assignedAt),
    connectsUntil: new Date(row.connectsUntil),
    releasedAt: row.releasedAt === null ? null : new Date(row.releasedAt),
    quarantinedUntil: row.quarantinedUntil === null ? null : new Date(row.quarantinedUntil),
    blockedAt: row.blockedAt === null ? null : new Date(row.blockedAt),
  };
}

/** The part of an assignment that history does not keep, and what stands in its place. */
const CURRENT = `pair.may_dial AS "mayDial", pair.blocked_at AS "blockedAt", pair.ended_early AS "endedEarly", pair.unconfirmed`;
const PAST = `NULL::boolean AS "mayDial", NULL::timestamptz AS "blockedAt", false AS "endedEarly", false AS unconfirmed`;

const RECORD = `
           pair.virtual_number AS "virtualNumber", pair.order_id AS "orderId", pair.dialler_id AS "diallerId",
           pair.dialler_role AS "diallerRole", ${calleeRoleOf('pair')} AS "calleeRole", pair.callee_id AS "calleeId",
           pair.shown_number AS "shownNumber", pair.assigned_at AS "assignedAt",
           pair.connects_until AS "connectsUntil", pair.released_at AS "releasedAt",
           pair.quarantined_until AS "quarantinedUntil"`;

const NUMBER = '(SELECT dialled.number FROM dialled)';

/** Whether `pair` is the other side of the link of `own`, which is a row of such records. */
const IS_OTHER_SIDE = `pair.order_id = own."orderId" AND pair.dialler_role = own."calleeRole"
                                   AND ${calleeRoleOf('pair')} = own."diallerRole"`;

const FROM_MONTH = `pair.assigned_at >= ${monthBound('$4')}`;

/** The present: only what is in the table of assignments. */
const LISTS_NOW = `
  standing AS MATERIALIZED (
    SELECT ${RECORD}, ${CURRENT}
    FROM assignments AS pair
    WHERE NOT EXISTS (SELECT FROM joining) AND pair.dialler_key = asked.caller_key AND pair.assigned_at <= asked.at
      AND pair.shown_number = ${NUMBER}
  ), others AS (
    SELECT ${RECORD}, ${CURRENT}
    FROM (SELECT * FROM joining UNION ALL SELECT * FROM standing) AS own
    JOIN assignments AS pair ON ${IS_OTHER_SIDE}
    WHERE pair.assigned_at <= asked.at
  ), served AS (
    SELECT pair.order_id
    FROM assignments AS pair
    WHERE NOT EXISTS (SELECT FROM joining) AND (SELECT dialled.orders_held FROM dialled) = 1
      AND pair.virtual_number = ${NUMBER} AND pair.assigned_at <= asked.at
      AND (pair.released_at IS NULL OR pair.released_at > asked.at)
    LIMIT 1
  ), deleted AS (
    SELECT joining.* FROM joining WHERE false
  )`;

/** An order that the number served at the instant. Ends at the first one, so it seldom reads many rows. */
const anOrderServed = (besides: string) => `
    SELECT serving.order_id
    FROM (SELECT pair.order_id FROM assignments AS pair
          WHERE pair.virtual_number = ${NUMBER} AND pair.assigned_at <= asked.at
            AND (pair.released_at IS NULL OR pair.released_at > asked.at)
          UNION ALL
          SELECT deleted."orderId" FROM deleted WHERE deleted."releasedAt" > asked.at) AS serving
    WHERE NOT EXISTS (SELECT FROM joining) ${besides}
    LIMIT 1`;

/**
 * An instant that is past. Each month of history costs something in each place where a statement names the table, whether
 * it is read or not. So it is named twice: for the number, and for the orders of the caller.
 */
const LISTS_THEN = `
  deleted AS MATERIALIZED (
    SELECT ${RECORD}, ${PAST}
    FROM assignment_history AS pair
    WHERE NOT EXISTS (SELECT FROM joining) AND ${FROM_MONTH}
      AND pair.virtual_number = ${NUMBER} AND pair.assigned_at <= asked.at AND pair.quarantined_until > asked.at
      AND ${coversInstant('pair', NUMBER, 'asked.at')}
  ), own AS MATERIALIZED (
    SELECT joining.* FROM joining
    UNION ALL
    SELECT ${RECORD}, ${CURRENT}
    FROM assignments AS pair
    WHERE NOT EXISTS (SELECT FROM joining) AND pair.dialler_key = asked.caller_key AND pair.assigned_at <= asked.at
  ), opposite AS MATERIALIZED (
    SELECT ${RECORD}, ${CURRENT}
    FROM own JOIN assignments AS pair ON ${IS_OTHER_SIDE}
    WHERE pair.assigned_at <= asked.at
    UNION ALL
    SELECT ${RECORD}, ${PAST}
    FROM own JOIN assignment_history AS pair ON ${IS_OTHER_SIDE}
    WHERE ${FROM_MONTH} AND pair.assigned_at <= asked.at AND pair.connects_until > asked.at
  ), standing AS MATERIALIZED (
    SELECT own.*
    FROM own
    WHERE NOT EXISTS (SELECT FROM joining)
      AND (own."shownNumber" = ${NUMBER}
           OR EXISTS (SELECT FROM opposite AS pair
                      WHERE pair."virtualNumber" = ${NUMBER} AND pair."orderId" = own."orderId"
                        AND pair."diallerRole" = own."calleeRole" AND pair."calleeRole" = own."diallerRole"))
  ), others AS (
    SELECT opposite.*
    FROM opposite
    WHERE opposite."orderId" IN (SELECT joining."orderId" FROM joining UNION ALL SELECT standing."orderId" FROM standing)
  ), one_served AS MATERIALIZED (${anOrderServed('')}
  ), served AS (
    SELECT one_served.order_id FROM one_served
    UNION ALL
    (${anOrderServed('AND serving.order_id <> (SELECT one_served.order_id FROM one_served)')})
  )`;

const POLICY: Readonly<Record<keyof CallPolicy, string>> = {
  pin: 'pin',
  direction: 'direction',
  maxCallSeconds: 'max_call_seconds',
  maxRingSeconds: 'max_ring_seconds',
  maxCallsPerHour: 'max_calls_per_hour',
  quietHours: 'quiet_hours',
  claimByPin: 'claim_by_pin',
  recordCalls: 'record_calls',
};

/** For one row of `asked`. */
const readOne = (lists: string) => `
  WITH dialled AS MATERIALIZED (
    SELECT number.number, number.status, number.created_at, number.orders_held, number.pool_id
    FROM virtual_number_keys AS ours
    JOIN virtual_numbers AS number ON number.number = ours.number
    WHERE ours.phone_key = asked.number_key
  ), joining AS MATERIALIZED (
    SELECT ${RECORD}, ${CURRENT}
    FROM assignments AS pair
    WHERE pair.virtual_number = ${NUMBER} AND pair.dialler_key = asked.caller_key AND pair.assigned_at <= asked.at
  ), ${lists}
  SELECT dialled.number, dialled.status, dialled.created_at AS "createdAt", dialled.orders_held AS "ordersHeld",
         json_build_object('name', pool.name, ${Object.entries(POLICY)
           .map(([field, column]) => `'${field}', pool.${column}`)
           .join(', ')}) AS pool,
         held.at AS "heldSince", held.policy AS "heldPolicy",
         (SELECT number.created_at FROM virtual_number_keys AS ours
          JOIN virtual_numbers AS number ON number.number = ours.number
          WHERE ours.phone_key = asked.caller_key) AS "callerIsOursSince",
         EXISTS (SELECT FROM assignments AS pair
                 WHERE pair.dialler_key = asked.caller_key AND pair.assigned_at <= asked.at) AS "callerIsKnown",
         ARRAY(SELECT served.order_id FROM served) AS served,
         (SELECT to_json(joining) FROM joining) AS joining,
         COALESCE((SELECT json_agg(standing ORDER BY standing."assignedAt") FROM standing), '[]') AS standing,
         COALESCE((SELECT json_agg(deleted ORDER BY deleted."assignedAt") FROM deleted), '[]') AS deleted,
         COALESCE((SELECT json_agg(others ORDER BY others."assignedAt") FROM others), '[]') AS others
  FROM dialled
  JOIN pools AS pool ON pool.id = dialled.pool_id
  LEFT JOIN LATERAL (SELECT change.at, change.policy FROM pool_policy_changes AS change
                     WHERE change.pool_id = pool.id AND change.at <= asked.at
                     ORDER BY change.at DESC, change.id DESC LIMIT 1) AS held ON true`;

/**
 * The lists are in subqueries, because PostgreSQL would plan the statement anew for each length of a list that it sees,
 * which takes ten times as long as running it.
 */
const readEach = (lists: string, whole: string) => `
  SELECT asked.position::integer, ${whole} AS "isWhole", known.*
  FROM unnest((SELECT $1::bytea[]), (SELECT $2::bytea[]), (SELECT $3::timestamptz[]))
         WITH ORDINALITY AS asked (number_key, caller_key, at, position)
  CROSS JOIN LATERAL (${readOne(lists)}) AS known`;

const readNow: Statement = { name: 'number-and-caller', text: readEach(LISTS_NOW, 'true') };
const readThen: Statement = {
  name: 'number-and-caller-then',
  plan: 'once',
  text: readEach(LISTS_THEN, isWhole('$4', 'asked.at')),
};
