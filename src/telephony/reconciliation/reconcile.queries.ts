import type { EntityManager } from 'typeorm';

import type { ProviderName } from '../../virtual-numbers/provider-name.js';

/** A call that this process, and no other, is to ask its provider about. */
export interface ClaimedCall {
  readonly providerCallId: string;
  readonly orderId: string | null;
  /** This time included. */
  readonly timesAsked: number;
  /** Whether it was to be recorded, and no recording was told. */
  readonly lacksRecording: boolean;
}

/**
 * Claims calls of a provider whose end is due and not known, longest waiting first; those another process is claiming are
 * left to it. A claim is the time of the next try, so it falls by itself with the process that made it.
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

/** Lets calls be asked for later that were claimed and then not asked for. */
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

/** Asks for the call later, or (null) never again. */
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

/** Writes down whether the provider knows the call at all; nobody asks for it again. */
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
