import { Alert } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';

import { answered, client, type Schemas } from '../api/client';
import { Loading } from '../parts/loading';
import { messageOf } from '../parts/problem';
import { Time } from '../parts/time';
import { text } from '../strings';
import { sentencesOf } from './interaction-words';

const words = text.order;
const MOST_SHOWN = 100;

interface Entry {
  readonly key: string;
  readonly at: string;
  readonly sentences: readonly string[];
  readonly tell: string | null;
}

/** The calls, texts and events of an order, newest first. If one kind cannot be read, the other is shown. */
export function Timeline({ reference, readEveryMs }: { reference: string; readEveryMs: number }) {
  const path = { reference };
  const interactions = useQuery({
    queryKey: ['order', reference, 'interactions'],
    queryFn: () => allInteractions(reference),
    refetchInterval: readEveryMs,
  });
  const events = useQuery({
    queryKey: ['order', reference, 'events'],
    queryFn: () => answered(client.GET('/v1/orders/{reference}/events', { params: { path } })),
    refetchInterval: readEveryMs,
  });
  const entries = [
    ...(events.data?.events ?? []).map(ofEvent),
    ...(interactions.data?.interactions ?? []).map(ofInteraction),
  ]
    .toSorted((one, other) => one.at.localeCompare(other.at))
    .toReversed(); // of those at the same instant, the later one first
  const isLoading = interactions.isPending || events.isPending;
  return (
    <section className="card" aria-labelledby="timeline">
      <div>
        <h2 id="timeline">{words.timeline}</h2>
        <p className="quiet">{words.timelineHelp}</p>
      </div>
      {interactions.error && (
        <Alert color="red" role="alert">
          {words.partial} {messageOf(interactions.error)}
        </Alert>
      )}
      {events.error && (
        <Alert color="red" role="alert">
          {words.partialEvents} {messageOf(events.error)}
        </Alert>
      )}
      {isLoading && <Loading />}
      {!isLoading && entries.length === 0 && <p className="quiet">{words.noTimeline}</p>}
      <ol className="timeline">
        {entries.map(({ key, at, sentences, tell }) => (
          <li key={key}>
            <Time at={at} exact />
            <div>
              <p>{sentences.join(' ')}</p>
              {tell !== null && (
                <p className="tell quiet">
                  {text.interactions.tellTheCustomer} “{tell}”
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

function ofEvent({ kind, at }: Schemas['OrderEventResponse'], place: number): Entry {
  return { key: `${kind} ${at} ${place}`, at, sentences: [text.orderEvents[kind] ?? kind], tell: null };
}

function ofInteraction(interaction: Schemas['InteractionResponse']): Entry {
  const { provider, providerCallId, kind, at, reason, decision } = interaction;
  const isFine = decision === 'connect' || decision === 'forward';
  const tell = isFine ? null : (text.reasons[reason]?.tell ?? null);
  return { key: `${provider} ${kind} ${providerCallId}`, at, sentences: sentencesOf(interaction), tell };
}
