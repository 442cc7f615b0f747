/*
 * What happened to calls and texts is noted by the statement that records it, so none is announced that is not recorded,
 * and none is left out. `announcements/` gives it a place in the feed.
 */

/**
 * The SQL that notes decisions about calls.
 *
 * @param recorded the rows that `recordEach` returns
 */
export const noteDecisions = (recorded: string) => `
      INSERT INTO interaction_news (what, provider, provider_call_id, at, order_id, caller_role, decision, reason, steps,
                                    outcome, talk_seconds)
      SELECT 'decided', one.provider, one."providerCallId", one.at, one.order_id, one.caller_role, one.decision,
             one.reason, one.steps, one.outcome, one.talk_seconds
      FROM ${recorded} AS one
      WHERE one.order_id IS NOT NULL OR (one.decision = 'refuse' AND one.virtual_number IS NOT NULL)`;

/**
 * The SQL that notes the end of a connected call, or that another report corrects it.
 *
 * @param merged the row of the call, after the report
 * @param before the same row before it; no row = there was none
 * @param isEnd whether the outcome of `one` is an end
 */
export const noteEnd = (merged: string, before: string, isEnd: string) => `
      INSERT INTO interaction_news (what, provider, provider_call_id, at, order_id, caller_role, decision, reason, steps,
                                    outcome, talk_seconds)
      SELECT 'ended', one.provider, one.provider_call_id, one.ended_at, one.order_id, one.caller_role, one.decision,
             one.reason, one.steps, one.outcome, one.talk_seconds
      FROM ${merged} AS one LEFT JOIN ${before} AS before ON true
      WHERE one.decision = 'connect' AND ${isEnd}
        AND (one.outcome, one.talk_seconds) IS DISTINCT FROM (before.outcome, before.talk_seconds)`;
