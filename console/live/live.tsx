import { useQueryClient, type Query, type QueryClient, type QueryKey } from '@tanstack/react-query';
import { useEffect, useSyncExternalStore } from 'react';

import { answered, client, isPassing } from '../api/client';
import { useSession } from '../session/session';
import { text } from '../strings';
import { changes, type ChangeMessage, type LiveState } from './changes';

/** What the stream tells of is read again this seldom, in case something has no message. */
const READ_ANYWAY_MS = 60_000;
/** What could not be read is asked for again soon: an outage ends by itself. */
const FAILED_AGAIN_MS = 5_000;

/** A query, as far as its failure goes. */
interface MayFail {
  readonly state: { readonly error: Error | null };
}

const useLiveState = (): LiveState => useSyncExternalStore(changes.subscribe, () => changes.state);

/**
 * How often a query is made again: seldom while the stream tells of changes, otherwise every `ms`; soon after a failure.
 *
 * @param ms while there is no stream
 * @param whileLive for what the stream tells of only in part
 */
export function useReadEvery(ms: number, whileLive = READ_ANYWAY_MS): (query: MayFail) => number {
  const isLive = useLiveState() === 'live';
  return (query) => {
    if (isPassing(query.state.error)) return FAILED_AGAIN_MS;
    return isLive ? whileLive : ms;
  };
}

/** For queries that name no interval: they are repeated only while they fail. A refusal does not pass by itself. */
export function againWhileFailing({ state: { error } }: MayFail): number | false {
  return isPassing(error) ? FAILED_AGAIN_MS : false;
}

/** Follows the changes while somebody is signed in, and lets the pages read what has changed. */
export function Live() {
  const queries = useQueryClient();
  const { can } = useSession();
  const sees = can('orders:read', 'support', 'operate', 'events');
  const state = useLiveState();
  useEffect(() => {
    if (!sees) return undefined;
    const again = new ReadAgain(queries);
    const stop = changes.follow({
      onOpen: () => again.everything(),
      onChange: (change) => (change.type === 'stream.reset' ? again.everything() : again.what(change)),
      mayTryAgain: () => answered(client.GET('/v1/session')),
    });
    return () => {
      stop();
      again.stop();
    };
  }, [queries, sees]);
  const { words, help } = state === 'interrupted' ? text.live.interrupted : text.live.asItHappens;
  if (state !== 'live' && state !== 'interrupted') return null;
  return (
    <span className={`quiet live ${state === 'interrupted' ? 'interrupted' : ''}`} role="status" title={help}>
      {words}
    </span>
  );
}

/** The first parts of the keys of the queries that the stream tells about. */
const FOLLOWED = new Set<unknown>(['order', 'orders', 'pool', 'pools', 'sample', 'status', 'webhook', 'webhooks']);
/** Many pages of numbers are not read again by themselves: each is a request. */
const MOST_PAGES = 2;

/** A change is seen at once; of many changes, each query sees some at a time. */
function leastMsBetween([kind, , part]: QueryKey): number {
  if (part === 'forecast') return 15_000;
  if (kind === 'status') return 5_000;
  return kind === 'order' || kind === 'sample' ? 1_000 : 3_000;
}

/** What a change is about: the kind of one thing with a name, and the kinds of what shows many. */
function about(type: string): { readonly one: string; readonly lists: readonly string[] } {
  if (type === 'pool.changed') return { one: 'pool', lists: ['pools', 'status'] };
  if (type === 'webhook.disabled') return { one: 'webhook', lists: ['webhooks', 'status'] };
  return { one: 'order', lists: ['orders', 'sample', 'status'] };
}

/** Reads again what changes concern, as far as it is shown. */
class ReadAgain {
  private readonly waiting = new Map<string, number>();
  private readonly readAt = new Map<string, number>();

  constructor(private readonly queries: QueryClient) {}

  everything(): void {
    this.those(({ queryKey }) => FOLLOWED.has(queryKey[0]));
  }

  what({ type, subject }: ChangeMessage): void {
    const { one, lists } = about(type);
    this.those(({ queryKey: [kind, name] }) => lists.includes(String(kind)) || (kind === one && name === subject));
  }

  stop(): void {
    for (const timer of this.waiting.values()) window.clearTimeout(timer);
    this.waiting.clear();
  }

  private those(predicate: (query: Query) => boolean): void {
    for (const query of this.queries.getQueryCache().findAll({ predicate })) this.soon(query);
  }

  private soon(query: Query): void {
    const { queryHash, queryKey } = query;
    const { pages } = (query.state.data ?? {}) as { pages?: unknown[] };
    if (this.waiting.has(queryHash) || (pages?.length ?? 0) > MOST_PAGES) return;
    const now = performance.now();
    const due = (this.readAt.get(queryHash) ?? -Infinity) + leastMsBetween(queryKey);
    const read = () => {
      this.waiting.delete(queryHash);
      this.readAt.set(queryHash, performance.now());
      // A first reading that is under way is not begun anew, and may be from before the change.
      if (query.state.data === undefined && query.state.fetchStatus === 'fetching') return this.soon(query);
      void this.queries.invalidateQueries({ queryKey, exact: true });
    };
    this.waiting.set(queryHash, window.setTimeout(read, Math.max(0, due - now)));
  }
}
