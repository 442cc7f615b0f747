import type { EntityManager } from 'typeorm';

import type { ProviderName } from '../../virtual-numbers/provider-name.js';
import type { Role } from '../../virtual-numbers/role.js';
import type { Interaction } from '../decisions/interaction.entity.js';
import type { Outcome } from '../providers/call-report.js';

/** Something that happened to a call or text, noted by the statement that recorded it. */
export interface InteractionNews {
  readonly what: 'decided' | 'ended' | 'failed' | 'opted-out';
  readonly kind: 'call' | 'text';
  readonly provider: ProviderName;
  readonly providerCallId: string;
  readonly at: Date;
  /** Null = the call could not be attributed to an order. */
  readonly orderId: string | null;
  /** Of the caller or sender, or of the participant who opted out. */
  readonly callerRole: Role | null;
  readonly decision: Interaction['decision'];
  readonly reason: string | null;
  readonly steps: Interaction['steps'] | null;
  readonly outcome: Outcome | null;
  readonly talkSeconds: number | null;
}

/**
 * Takes the oldest news, at most `limit`, in their sequence. Processes take turns: whoever comes meanwhile gets none.
 * The turn and the news are the transaction's.
 */
export async function takeNews(tx: EntityManager, limit: number): Promise<InteractionNews[]> {
  const [{ mine }] = await tx.sql<[{ mine: boolean }]>`
    SELECT pg_try_advisory_xact_lock(hashtextextended('announce interactions', 0)) AS mine`;
  if (!mine) return [];
  const [news] = await tx.sql<[(InteractionNews & { id: string })[], number]>`
    DELETE FROM interaction_news AS news
    WHERE news.id IN (SELECT oldest.id FROM interaction_news AS oldest ORDER BY oldest.id LIMIT ${limit})
    RETURNING news.id::text AS id, news.what, news.kind, news.provider, news.provider_call_id AS "providerCallId", news.at,
              news.order_id AS "orderId", news.caller_role AS "callerRole", news.decision, news.reason, news.steps,
              news.outcome, news.talk_seconds AS "talkSeconds"`;
  return news.sort((one, other) => Number(BigInt(one.id) - BigInt(other.id)));
}

/** When the oldest news happened; null = there is none. */
export async function oldestNews(manager: EntityManager): Promise<Date | null> {
  const [oldest] = await manager.sql<{ at: Date }[]>`
    SELECT news.at FROM interaction_news AS news ORDER BY news.id LIMIT 1`;
  return oldest?.at ?? null;
}
