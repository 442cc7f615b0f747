import type { Schemas } from '../api/client';
import { Status } from '../parts/status';
import { Time } from '../parts/time';
import { text } from '../strings';

const words = text.events;

/** Whether an endpoint gets its events, and if not, why and until when. */
export function EndpointState({ of: endpoint }: { of: Schemas['WebhookEndpointResponse'] }) {
  const { status, disabledBecause, failingSince, failedAttempts, nextAttemptAt } = endpoint;
  if (status === 'disabled') {
    return (
      <>
        <Status tone={disabledBecause === 'requested' ? 'gray' : 'red'}>{words.disabled}</Status>
        <span className="quiet line">{disabledBecause !== null && words.disabledBecause[disabledBecause]}</span>
      </>
    );
  }
  if (failingSince === null) return <Status tone="green">{words.enabled}</Status>;
  return (
    <>
      <Status tone="yellow">{words.failing}</Status>
      <span className="quiet line">
        {words.failedAttempts(failedAttempts)} <Time at={failingSince} />.
        {nextAttemptAt !== null && (
          <>
            {' '}
            {words.nextAttempt} <Time at={nextAttemptAt} />.
          </>
        )}
      </span>
    </>
  );
}
