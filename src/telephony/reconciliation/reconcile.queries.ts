import type { EntityManager } from 'typeorm';

import type { ProviderName } from '../../virtual-numbers/provider-name.js';

/** A call that only this process asks the provider about. */
export interface ClaimedCall {
  readonly providerCallId: string;
  readonly orderId: string | null;
  /** Including this time. */
  readonly timesAsked: number;
  /** Whether the call was to be recorded and no recording was reported. */
  readonly lacksRecording: boolean;
}

/**
 * Claims calls of a provider whose end is due and unknown, longest waiting first. Skips calls that another process is
 * claiming. A claim is the time of the next try, so it expires if its process dies.
 */
export async function claimCalls(
  tx: EntityManager,
  provider: ProviderName,
  now: Date,
  againAt: Date,
  limit: number,
): Promise<ClaimedCall[]> {
  const [claimed] = await tx.sql<[ClaimedCall[], number]>`
    UPDATE interactions AS call
    SET ask_at = ${againAt}, times_asked = call.times_asked + 1
    WHERE (call.provider, call.provider_call_id) IN (
      SELECT due.provider, due.provider_call_id FROM interactions AS due
      WHERE due.ask_at <= ${now} AND due.provider = ${provider}
      ORDER BY due.ask_at LIMIT ${limit} FOR UPDATE SKIP LOCKED)
    RETURNING call.provider_call_id AS "providerCallId", call.order_id AS "orderId", call.times_asked AS "timesAsked",
      jsonb_path_exists(call.steps, '$.*.record ? (@ == true)') AND call.recording IS NULL AS "lacksRecording"`;
  return claimed;
}

/** Delays calls that were claimed but not asked about. */
export async function putOff(
  tx: EntityManager,
  provider: ProviderName,
  providerCallIds: readonly string[],
  until: Date,
): Promise<void> {
  await tx.sql`
    UPDATE interactions AS call
    SET ask_at = ${until}, times_asked = call.times_asked - 1
    WHERE call.provider = ${provider} AND call.provider_call_id = ANY(${providerCallIds}::text[])
      AND call.ask_at IS NOT NULL AND call.times_asked > 0`;
}

/** Sets when to ask about the call again; null = never. */
export async function askAgain(
  tx: EntityManager,
  provider: ProviderName,
  providerCallId: string,
  at: Date | null,
): Promise<void> {
  await tx.sql`
    UPDATE interactions AS call SET ask_at = ${at}
    WHERE call.provider = ${provider} AND call.provider_call_id = ${providerCallId} AND call.ask_at IS NOT NULL`;
}

/** Records whether the provider knows the call. Nobody asks about it again. */
export async function settle(
  tx: EntityManager,
  provider: ProviderName,
  providerCallId: string,
  isGenuine: boolean,
): Promise<void> {
  await tx.sql`
    UPDATE interactions AS call SET ask_at = NULL, is_genuine = ${isGenuine}
    WHERE call.provider = ${provider} AND call.provider_call_id = ${providerCallId}`;
}
