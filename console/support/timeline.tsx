import { Alert } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';

import { answered, client, type Schemas } from '../api/client';
import { useReadEvery } from '../live/live';
import { Loading } from '../parts/loading';
import { messageOf } from '../parts/problem';
import { useFailure } from '../parts/queried';
import { Time } from '../parts/time';
import { useSession } from '../session/session';
import { text } from '../strings';

const words = text.order;
const MOST_SHOWN = 100;
/** While the stream is interrupted. */
const READ_EVERY_MS = 10_000;

interface Entry {
  readonly key: string;
  readonly at: string;
  readonly words: string;
  readonly tell: string | null;
  /** A call of somebody unknown, which may belong to the order or not. */
  readonly isPossiblyTheirs: boolean;
}

/**
 * The calls, texts and events of an order, newest first, and calls of unknown callers that may belong to it. If one kind
 * cannot be read, the others are shown.
 */
export function Timeline({ reference }: { reference: string }) {
  const readEvery = useReadEvery(READ_EVERY_MS);
  const path = { reference };
  const interactions = useQuery({
    queryKey: ['order', reference, 'interactions'],
    queryFn: () => allInteractions(reference),
    refetchInterval: readEvery,
  });
  const events = useQuery({
    queryKey: ['order', reference, 'events'],
    queryFn: () => answered(client.GET('/v1/orders/{reference}/events', { params: { path } })),
    refetchInterval: readEvery,
  });
  const { can } = useSession();
  const possiblyTheirs = useQuery({
    // Each reading is in the audit log, so it is read once for each visit of the page, and not when the order changes.
    queryKey: ['possibly-theirs', reference],
    queryFn: () => callsPossiblyTheirs(reference),
    enabled: can('support'),
    staleTime: Infinity,
    gcTime: 0,
  });
  const entries = [
    ...(events.data?.events ?? []).map(ofEvent),
    ...(interactions.data?.interactions ?? []).map(ofInteraction),
    ...(possiblyTheirs.data ?? []).map((call) => ({ ...ofInteraction(call), isPossiblyTheirs: true })),
  ]
    .toSorted((one, other) => one.at.localeCompare(other.at))
    .toReversed(); // of those at the same instant, the later one first
  const failed = {
    interactions: useFailure(interactions),
    events: useFailure(events),
    possiblyTheirs: useFailure(possiblyTheirs),
  };
  const isLoading = (interactions.isPending && !failed.interactions) || (events.isPending && !failed.events);
  const isWhole = !isLoading && !failed.interactions && !failed.events;
  return (
    <section className="card" aria-labelledby="timeline">
      <div>
        <h2 id="timeline">{words.timeline}</h2>
        <p className="quiet">{words.timelineHelp}</p>
      </div>
      {failed.interactions && (
        <Alert color="red" role="alert">
          {words.partial} {messageOf(failed.interactions)}
        </Alert>
      )}
      {failed.events && (
        <Alert color="red" role="alert">
          {words.partialEvents} {messageOf(failed.events)}
        </Alert>
      )}
      {failed.possiblyTheirs && (
        <Alert color="red" role="alert">
          {words.partialPossiblyTheirs} {messageOf(failed.possiblyTheirs)}
        </Alert>
      )}
      {isLoading && <Loading />}
      {isWhole && entries.length === 0 && <p className="quiet">{words.noTimeline}</p>}
      <ol className="timeline">
        {entries.map(({ key, at, words: sentence, tell, isPossiblyTheirs }) => (
          <li key={key}>
            <Time at={at} exact />
            <div>
              <p>
                {isPossiblyTheirs && <strong>{words.possiblyTheirs} </strong>}
                {sentence}
              </p>
              {isPossiblyTheirs && <p className="quiet">{words.possiblyTheirsHelp}</p>}
              {tell !== null && (
                <p className="tell quiet">
                  {words.tellTheCustomer} “{tell}”
                </p>
              )}
            </div>
          </li>
        ))}
      </ol>
      {interactions.data?.isPartial && <p className="quiet">{words.older}</p>}
    </section>
  );
}

interface Listed {
  readonly interactions: readonly Schemas['InteractionResponse'][];
  /** Whether there are more than are shown. */
  readonly isPartial: boolean;
}

/** The list begins with the oldest, so its pages are read up to the last ones. */
async function allInteractions(reference: string): Promise<Listed> {
  const all: Schemas['InteractionResponse'][] = [];
  let cursor: string | null = null;
  for (let page = 0; page < 10; page += 1) {
    const query: { limit: number; cursor?: string } = { limit: MOST_SHOWN, ...(cursor === null ? {} : { cursor }) };
    const read: Schemas['InteractionsResponse'] = await answered(
      client.GET('/v1/orders/{reference}/interactions', { params: { path: { reference }, query } }),
    );
    all.push(...read.interactions);
    cursor = read.nextCursor;
    if (cursor === null) return { interactions: all, isPartial: false };
  }
  return { interactions: all, isPartial: true };
}

/** Calls and texts of unknown callers to the order's numbers while it had them. */
async function callsPossiblyTheirs(reference: string): Promise<readonly Schemas['InteractionResponse'][]> {
  const explained = await answered(client.POST('/v1/routing/explain', { body: { reference } }));
  return 'possiblyTheirs' in explained ? explained.possiblyTheirs : [];
}

function ofEvent({ kind, at }: Schemas['OrderEventResponse'], place: number): Entry {
  return { key: `${kind} ${at} ${place}`, at, words: text.orderEvents[kind], tell: null, isPossiblyTheirs: false };
}

function ofInteraction(interaction: Schemas['InteractionResponse']): Entry {
  const { provider, providerCallId, kind, at, words: sentence, tell } = interaction;
  return { key: `${provider} ${kind} ${providerCallId}`, at, words: sentence, tell, isPossiblyTheirs: false };
}
