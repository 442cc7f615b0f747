import type { EntityManager } from 'typeorm';

import type { E164 } from '../../phone-number/e164.js';
import type { ProviderName } from '../../virtual-numbers/provider-name.js';
import type { Role } from '../../virtual-numbers/role.js';
import type { Delivery } from '../providers/delivery-report.js';
import type { Outcome } from '../providers/call-report.js';

/** Places on orders, by the ids of the orders and of the participants, in the same sequence. */
export interface Places {
  readonly orderIds: readonly string[];
  readonly participantIds: readonly string[];
}

/** A call or text of a participant. */
export interface CallOfPerson {
  readonly orderId: string;
  readonly provider: ProviderName;
  readonly providerCallId: string;
  readonly kind: 'call' | 'text';
  readonly at: Date;
  /** The role of the caller or sender. */
  readonly from: Role | null;
  readonly number: E164 | null;
  readonly decision: string;
  readonly reason: string;
  readonly outcome: Outcome | null;
  readonly talkSeconds: number | null;
  readonly delivery: Delivery | null;
  readonly isRecorded: boolean;
  /** The sealed words of a text; null = not kept. */
  readonly words: Buffer | null;
}

/**
 * The calls and texts in which a participant took part: as the caller in the participant's role while they were on the
 * order, or as the one who was called.
 */
const OF_PLACES = `
  person AS (
    SELECT one.id, one.order_id, one.role, one.joined_at, one.left_at
    FROM unnest($1::uuid[], $2::uuid[]) AS place (order_id, id)
    JOIN all_participants AS one ON one.order_id = place.order_id AND one.id = place.id
  ), taken_part AS (
    SELECT DISTINCT call.provider, call.provider_call_id
    FROM person JOIN all_interactions AS call ON call.order_id = person.order_id
    WHERE (call.caller_role = person.role AND call.at >= person.joined_at
           AND call.at <= COALESCE(person.left_at, 'infinity'))
       OR jsonb_path_exists(call.steps, '$.*.* ? (@ == $id)', jsonb_build_object('id', person.id::text))
  )`;

export async function callsOfPlaces(tx: EntityManager, { orderIds, participantIds }: Places): Promise<CallOfPerson[]> {
  return tx.query<CallOfPerson[]>(
    `WITH ${OF_PLACES}
     SELECT call.order_id AS "orderId", call.provider, call.provider_call_id AS "providerCallId", call.kind, call.at,
            call.caller_role AS "from", call.virtual_number AS number, call.decision, call.reason, call.outcome,
            call.talk_seconds AS "talkSeconds", call.delivery, call.recording IS NOT NULL AS "isRecorded", kept.words
     FROM taken_part
     JOIN all_interactions AS call
       ON call.provider = taken_part.provider AND call.provider_call_id = taken_part.provider_call_id
     LEFT JOIN kept_texts AS kept
       ON kept.provider = call.provider AND kept.provider_message_id = call.provider_call_id
     WHERE call.decision IS NOT NULL
     ORDER BY call.at, call.ordinal`,
    [orderIds, participantIds],
  );
}

/** Deletes the words of these participants' texts. @returns of how many */
export async function eraseWords(tx: EntityManager, { orderIds, participantIds }: Places): Promise<number> {
  const [, erased] = await tx.query<[unknown, number]>(
    `WITH ${OF_PLACES}
     DELETE FROM kept_texts AS kept USING taken_part
     WHERE kept.provider = taken_part.provider AND kept.provider_message_id = taken_part.provider_call_id`,
    [orderIds, participantIds],
  );
  return erased;
}

/**
 * Deletes the links to recordings of these participants' calls, and that they were to be recorded, so that a link that
 * is reported later is not stored.
 *
 * @param all also of calls whose end is not known
 * @returns how many links
 */
export async function eraseRecordings(
  tx: EntityManager,
  { orderIds, participantIds }: Places,
  all: boolean,
): Promise<number> {
  let erased = 0;
  for (const table of ['interactions', 'ended_interactions']) {
    const [rows] = await tx.query<[{ had: boolean }[], number]>(
      `WITH ${OF_PLACES}
       UPDATE ${table} AS call
       SET recording = NULL, ask_at = CASE WHEN call.outcome IS NULL THEN call.ask_at END,
           steps = (SELECT jsonb_object_agg(step.key, step.value - 'record') FROM jsonb_each(call.steps) AS step)
       FROM taken_part JOIN ${table} AS before
         ON before.provider = taken_part.provider AND before.provider_call_id = taken_part.provider_call_id
       WHERE call.provider = taken_part.provider AND call.provider_call_id = taken_part.provider_call_id
         AND call.kind = 'call' AND ($3::boolean OR call.outcome IS NOT NULL)
         AND (call.recording IS NOT NULL OR jsonb_path_exists(call.steps, '$.*.record ? (@ == true)'))
       RETURNING before.recording IS NOT NULL AS had`,
      [orderIds, participantIds, all],
    );
    erased += rows.filter(({ had }) => had).length;
  }
  return erased;
}

/** An erasure that waits for the end of orders, or for events to be applied. */
export interface OpenErasure extends Places {
  readonly id: string;
  /** Incoming events that name the phone and were not applied yet. */
  readonly eventIds: readonly string[];
  /** Keyed lookup; null if there are no such events. */
  readonly phoneKey: Buffer | null;
}

export type NewErasure = Omit<OpenErasure, 'id'>;

export async function storeErasure(tx: EntityManager, erasure: NewErasure, now: Date): Promise<string> {
  const { orderIds, participantIds, eventIds, phoneKey } = erasure;
  const doneAt = orderIds.length + eventIds.length === 0 ? now : null;
  const [row] = await tx.sql<[{ id: string }]>`
    INSERT INTO erasures (asked_at, order_ids, participant_ids, event_ids, phone_key, done_at)
    VALUES (${now}, ${[...orderIds]}::uuid[], ${[...participantIds]}::uuid[], ${[...eventIds]}::bigint[], ${phoneKey},
            ${doneAt})
    RETURNING id`;
  return row.id;
}

/** Erasures that are not done, oldest first. */
export async function openErasures(manager: EntityManager, limit: number): Promise<OpenErasure[]> {
  return manager.sql<OpenErasure[]>`
    SELECT erasure.id, erasure.order_ids AS "orderIds", erasure.participant_ids AS "participantIds",
           erasure.event_ids::text[] AS "eventIds", erasure.phone_key AS "phoneKey"
    FROM erasures AS erasure
    WHERE erasure.done_at IS NULL OR erasure.phone_key IS NOT NULL -- the previous version ignores the events
    ORDER BY erasure.asked_at LIMIT ${limit}`;
}

/** Adds the places to which events led, and keeps the phone only while other events are not applied. */
export async function followEvents(
  tx: EntityManager,
  id: string,
  { orderIds, participantIds }: Places,
  pending: readonly string[],
): Promise<void> {
  await tx.sql`
    UPDATE erasures AS erasure
    SET order_ids = erasure.order_ids || ${[...orderIds]}::uuid[],
        participant_ids = erasure.participant_ids || ${[...participantIds]}::uuid[],
        event_ids = ${[...pending]}::bigint[], phone_key = CASE WHEN ${pending.length > 0} THEN erasure.phone_key END,
        done_at = NULL
    WHERE erasure.id = ${id}`;
}

export async function finishErasure(tx: EntityManager, id: string, now: Date): Promise<void> {
  await tx.sql`UPDATE erasures SET done_at = ${now} WHERE id = ${id} AND done_at IS NULL`;
}

/** When these participants opted out of texts. */
export async function optOutsOf(
  manager: EntityManager,
  participantIds: readonly string[],
): Promise<{ participantId: string; at: Date }[]> {
  return manager.sql`
    SELECT out.participant_id AS "participantId", out.at FROM text_opt_outs AS out
    WHERE out.participant_id = ANY(${[...participantIds]}::uuid[])`;
}
