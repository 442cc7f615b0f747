import type { E164 } from '../../phone-number/e164.js';
import type { Order } from '../../orders/order/order.entity.js';
import type { Connections, Statement } from '../../platform/database/statement.js';
import type { Role } from '../../virtual-numbers/role.js';
import type { ProviderName } from '../../virtual-numbers/provider-name.js';
import type { Place } from '../../platform/http/cursor-page.js';
import type { TextStep } from '../decisions/interaction.entity.js';
import { callsOfOrder, monthsOfCalls } from '../decisions/calls-of-order.queries.js';
import { DELIVERIES, type Delivery } from '../providers/delivery-report.js';

export interface DecidedText {
  readonly provider: string;
  readonly providerMessageId: string;
  readonly at: Date;
  readonly orderId: string | null;
  readonly senderRole: Role | null;
  readonly virtualNumber: E164 | null;
  readonly step: TextStep;
  readonly segments: number | null;
  /** The change of consent that the text makes. */
  readonly consent: { readonly change: 'opt-out' | 'opt-in'; readonly participantId: string } | null;
  /** The sealed words, and until when to keep them; null = not kept. */
  readonly kept: { readonly words: Buffer; readonly until: Date } | null;
  /** Keys the proof in the step. */
  readonly secret: Buffer;
}

/** The only step of a text. */
const STEP = 'text';

/**
 * Records the decision about a text, its change of consent, and its words if they are to be kept. @returns false,
 * without a change, if the text was decided before
 */
export async function recordText(connections: Connections, decided: DecidedText): Promise<boolean> {
  const { provider, providerMessageId, at, orderId, senderRole, virtualNumber, step, segments, kept, consent, secret } =
    decided;
  const { rows } = await connections.query({
    name: 'record-text',
    text: `
      WITH recorded AS (
        INSERT INTO interactions (provider, provider_call_id, kind, at, order_id, caller_role, virtual_number, steps,
                                  decision, reason, segments, repeat_secret)
        VALUES ($1, $2, 'text', $3, $4, $5, $6, $7, $8, $9, $10, $15)
        ON CONFLICT (provider, provider_call_id) DO NOTHING
        RETURNING provider, provider_call_id
      ), kept AS (
        INSERT INTO kept_texts (provider, provider_message_id, words, keep_until)
        SELECT recorded.provider, recorded.provider_call_id, $11::bytea, $12::timestamptz
        FROM recorded WHERE $11::bytea IS NOT NULL
      ), opted_out AS (
        INSERT INTO text_opt_outs (order_id, participant_id, at)
        SELECT $4, $14::uuid, $3 FROM recorded WHERE $13::text = 'opt-out'
        ON CONFLICT (order_id, participant_id) DO NOTHING
      ), opted_in AS (
        DELETE FROM text_opt_outs AS out USING recorded
        WHERE $13::text = 'opt-in' AND out.order_id = $4 AND out.participant_id = $14::uuid
      ), noted AS (
        INSERT INTO interaction_news (what, kind, provider, provider_call_id, at, order_id, caller_role, decision, reason,
                                      steps)
        SELECT 'decided', 'text', recorded.provider, recorded.provider_call_id, $3, $4, $5, $8, $9, $7
        FROM recorded WHERE $4 IS NOT NULL
      )
      SELECT FROM recorded`,
    values: [
      ...[provider, providerMessageId, at, orderId, senderRole, virtualNumber, JSON.stringify({ [STEP]: step })],
      ...[step.decision, step.reason, segments, kept?.words ?? null, kept?.until ?? null],
      ...[consent?.change ?? null, consent?.participantId ?? null, secret],
    ],
  });
  return rows.length === 1;
}

/** A text that was decided before. */
export interface AnsweredText {
  readonly step: TextStep;
  /** Keys the proof in the step; null = deleted. */
  readonly secret: Buffer | null;
  /** The provider has reported that it delivered or sent the text. */
  readonly hasArrived: boolean;
}

/** The earlier decision about a text; null if its id belongs to a call. */
export async function findAnsweredText(
  connections: Connections,
  provider: string,
  providerMessageId: string,
): Promise<AnsweredText | null> {
  const { rows } = await connections.query<AnsweredText>({
    name: 'find-answered-text',
    text: `SELECT known.steps -> $3 AS step, known.repeat_secret AS secret, known.delivery IS NOT NULL AS "hasArrived"
           FROM interactions AS known
           WHERE known.provider = $1 AND known.provider_call_id = $2 AND known.kind = 'text'`,
    values: [provider, providerMessageId, STEP],
  });
  return rows[0] ?? null;
}

/**
 * Records a delivery report of a forwarded text. Of several reports the most advanced one wins, in whichever order they
 * come.
 *
 * @returns whose text it was, and whether the report is more advanced than earlier ones; null if we forwarded no such
 *   text
 */
export async function recordDelivery(
  connections: Connections,
  {
    provider,
    providerMessageId,
    delivery,
    at,
  }: { provider: string; providerMessageId: string; delivery: Delivery; at: Date },
): Promise<TextDelivery | null> {
  const values = [provider, providerMessageId, delivery, at, DELIVERIES, STEP];
  for (const table of ['interactions', 'ended_interactions']) {
    const { rows } = await connections.query<TextDelivery>({ ...recordDeliveryIn(table), values });
    if (rows[0]) return rows[0];
  }
  return null;
}

interface TextDelivery {
  readonly orderId: string;
  readonly recipientId: string;
  readonly recipientRole: Role | null;
  readonly isNews: boolean;
}

const recordDeliveryIn = (table: string): Statement => ({
  name: `record-delivery-in-${table}`,
  text: `
    WITH known AS (
    UPDATE ${table} AS known
    SET ended_at = CASE WHEN told.is_news AND $3 <> 'sent' THEN $4 ELSE known.ended_at END,
        delivery = CASE WHEN told.is_news THEN $3 ELSE known.delivery END, repeat_secret = NULL
    FROM (SELECT one.provider, one.provider_call_id,
                 COALESCE(array_position($5::text[], $3) > array_position($5::text[], one.delivery), true) AS is_news
          FROM ${table} AS one WHERE one.provider = $1 AND one.provider_call_id = $2 FOR UPDATE) AS told
    WHERE known.provider = told.provider AND known.provider_call_id = told.provider_call_id
      AND known.decision = 'forward'
    RETURNING known.order_id, known.caller_role, known.reason, known.steps, told.is_news
    ), noted AS (
      INSERT INTO interaction_news (what, kind, provider, provider_call_id, at, order_id, caller_role, reason, steps)
      SELECT 'failed', 'text', $1, $2, $4, known.order_id, known.caller_role, known.reason, known.steps
      FROM known WHERE known.is_news AND $3 = 'failed'
    )
    SELECT known.order_id AS "orderId", known.steps -> $6 ->> 'recipientId' AS "recipientId",
           known.steps -> $6 ->> 'recipientRole' AS "recipientRole", known.is_news AS "isNews"
    FROM known`,
});

/** Which of these participants want no texts of an order. */
export async function findOptOuts(
  connections: Connections,
  orderId: string,
  participantIds: readonly string[],
): Promise<Set<string>> {
  const { rows } = await connections.query<{ id: string }>({
    name: 'find-opt-outs',
    text: `SELECT out.participant_id AS id FROM text_opt_outs AS out
           WHERE out.order_id = $1 AND out.participant_id = ANY($2::uuid[])`,
    values: [orderId, participantIds],
  });
  return new Set(rows.map(({ id }) => id));
}

/** Records that a participant wants no more texts of an order, as a provider has reported. */
export async function optOut(
  connections: Connections,
  { orderId, recipientId, recipientRole }: Pick<TextDelivery, 'orderId' | 'recipientId' | 'recipientRole'>,
  { provider, providerMessageId, at }: { provider: string; providerMessageId: string; at: Date },
): Promise<void> {
  await connections.query({
    name: 'opt-out',
    text: `
      WITH opted_out AS (
        INSERT INTO text_opt_outs (order_id, participant_id, at) VALUES ($1, $2, $3)
        ON CONFLICT (order_id, participant_id) DO NOTHING
        RETURNING order_id
      )
      INSERT INTO interaction_news (what, kind, provider, provider_call_id, at, order_id, caller_role)
      SELECT 'opted-out', 'text', $4, $5, $3, opted_out.order_id, $6 FROM opted_out`,
    values: [orderId, recipientId, at, provider, providerMessageId, recipientRole],
  });
}

/** A text whose words are kept. */
export interface KeptText {
  readonly provider: ProviderName;
  readonly providerMessageId: string;
  readonly at: Date;
  readonly ordinal: string;
  readonly senderRole: Role;
  readonly step: TextStep;
  readonly delivery: Delivery | null;
  /** Sealed. */
  readonly words: Buffer;
  readonly keepUntil: Date;
}

/**
 * The texts of an order whose words are kept, newest first, after the end of the last page.
 *
 * @param wanted.recipientIds only texts to these participants; null = to anybody
 */
export async function findKeptTexts(
  connections: Connections,
  wanted: {
    readonly order: Order;
    readonly recipientIds: readonly string[] | null;
    readonly now: Date;
    readonly after: Place | null;
    readonly limit: number;
  },
): Promise<KeptText[]> {
  const { order, recipientIds, now, after, limit } = wanted;
  const months = monthsOfCalls(order);
  const values: unknown[] = [order.id, ...(months ? [months.from, months.until] : [])];
  const parameter = (value: unknown) => `$${values.push(value)}`;
  const [at, ordinal, recipients] = [after?.at ?? null, after?.id ?? null, recipientIds].map(parameter);
  const { rows } = await connections.query<KeptText>({
    name: `find-kept-texts${months ? '-of-ended-order' : ''}`,
    plan: months ? 'once' : undefined,
    text: `
      SELECT known.provider, known.provider_call_id AS "providerMessageId", known.at, known.ordinal,
             known.caller_role AS "senderRole", known.steps -> '${STEP}' AS step, known.delivery,
             kept.words, kept.keep_until AS "keepUntil"
      FROM (${callsOfOrder(TEXT, "call.kind = 'text'", months !== null)}) AS known
      JOIN kept_texts AS kept ON kept.provider = known.provider AND kept.provider_message_id = known.provider_call_id
      WHERE kept.keep_until > ${parameter(now)}
        AND (${at}::timestamptz IS NULL OR (known.at, known.ordinal) < (${at}, ${ordinal}::bigint))
        AND (${recipients}::text[] IS NULL OR known.steps -> '${STEP}' ->> 'recipientId' = ANY(${recipients}))
      ORDER BY known.at DESC, known.ordinal DESC
      LIMIT ${parameter(limit)}`,
    values,
  });
  return rows;
}

const TEXT = 'call.provider, call.provider_call_id, call.at, call.ordinal, call.caller_role, call.steps, call.delivery';

/** Deletes the words of texts whose time is over, at most `limit` at once. @returns of how many */
export async function forgetTexts(connections: Connections, now: Date, limit: number): Promise<number> {
  const { rowCount } = await connections.query({
    name: 'forget-texts',
    text: `
      DELETE FROM kept_texts AS kept
      USING (SELECT due.provider, due.provider_message_id FROM kept_texts AS due
             WHERE due.keep_until <= $1 ORDER BY due.keep_until LIMIT $2 FOR UPDATE SKIP LOCKED) AS over
      WHERE kept.provider = over.provider AND kept.provider_message_id = over.provider_message_id`,
    values: [now, limit],
  });
  return rowCount ?? 0;
}
