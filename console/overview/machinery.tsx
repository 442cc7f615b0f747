import { Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';

import type { Schemas } from '../api/client';
import { Status, type Tone } from '../parts/status';
import { Time } from '../parts/time';
import { useSession } from '../session/session';
import { text } from '../strings';
import { BEHIND_SECONDS, NOTED_SECONDS, OVERDUE_SECONDS, UNREAD_SECONDS } from './to-do';

const words = text.overview.machinery;

/** Providers, queues, webhooks and the replica: what works, and what is behind. */
export function Machinery({ of: status }: { of: Schemas['InstallationStatusResponse'] }) {
  const { providers, queues, webhooks, replica } = status;
  const late = queues.filter((queue) => queue.overdueSeconds > OVERDUE_SECONDS || queue.unreadSeconds > UNREAD_SECONDS);
  const waiting = queues.reduce((sum, queue) => sum + (queue.waiting ?? 0), 0);
  const overdue = Math.max(0, ...queues.map(({ overdueSeconds }) => overdueSeconds));
  return (
    <section className="card" aria-labelledby="machinery">
      <h2 id="machinery">{words.title}</h2>
      <ul className="states">
        {providers.map(({ provider, use, trouble, pausedUntil }) => (
          <State
            key={`${provider} ${use}`}
            name={words.provider(provider, use)}
            tone={trouble === null ? 'green' : pausedUntil === null ? 'yellow' : 'red'}
            state={trouble === null ? words.works : pausedUntil === null ? words.failedLast : words.paused}
          >
            {trouble}
            {pausedUntil !== null && (
              <>
                {' '}
                {words.pausedUntil} <Time at={pausedUntil} exact />.
              </>
            )}
          </State>
        ))}
        <State
          name={words.queues(queues.length)}
          tone={late.length === 0 ? 'green' : 'red'}
          state={late.length === 0 ? words.works : words.late}
        >
          {words.queueState(waiting, overdue)}
          {late.length > 0 && ` ${words.lateQueues(late.map(({ queue }) => queue))}`}
        </State>
        {webhooks.map((webhook) => (
          <WebhookState key={webhook.endpoint ?? ''} of={webhook} />
        ))}
        <State
          name={words.replica}
          tone={replica.behindSeconds === null || replica.behindSeconds > NOTED_SECONDS ? 'yellow' : 'green'}
          state={replica.behindSeconds === null ? words.noReplica : words.behind(replica.behindSeconds)}
        >
          {replica.refusal}
        </State>
      </ul>
    </section>
  );
}

function WebhookState({ of: webhook }: { of: Schemas['WebhookStatusResponse'] }) {
  const { can } = useSession();
  const { endpoint, url, enabled, disabledBecause, behindSeconds } = webhook;
  const tone = behindSeconds > BEHIND_SECONDS ? 'red' : behindSeconds > NOTED_SECONDS ? 'yellow' : 'green';
  const name = endpoint === null ? words.webhookOfSettings : words.webhook;
  return (
    <State
      name={name}
      tone={enabled ? tone : disabledBecause === 'requested' ? 'gray' : 'red'}
      state={enabled ? words.behind(behindSeconds) : words.disabled}
    >
      {endpoint !== null && can('events') ? (
        <Link to="/events/$id" params={{ id: endpoint }}>
          {url}
        </Link>
      ) : (
        url
      )}
      {disabledBecause !== null && ` ${text.events.disabledBecause[disabledBecause]}`}
    </State>
  );
}

interface StateProps {
  readonly name: string;
  readonly tone: Tone;
  readonly state: string;
  readonly children: ReactNode;
}

function State({ name, tone, state, children }: StateProps) {
  return (
    <li>
      <strong>{name}</strong> <Status tone={tone}>{state}</Status>
      <span className="quiet line breaks">{children}</span>
    </li>
  );
}
