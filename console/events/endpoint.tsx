import { Alert, Button, NumberInput, TextInput } from '@mantine/core';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { getRouteApi, Link, useNavigate } from '@tanstack/react-router';
import { useState } from 'react';

import { answered, client, type Schemas } from '../api/client';
import { Confirm } from '../parts/confirm';
import { Dialog } from '../parts/dialog';
import { instantOf, localTime } from '../parts/local-time';
import { mistakeIn, Problem } from '../parts/problem';
import { Queried } from '../parts/queried';
import { Time } from '../parts/time';
import { text } from '../strings';
import { Attempts } from './attempts';
import { EndpointForm, type Chosen } from './endpoint-form';
import { EndpointState } from './endpoint-state';
import type { EventType } from './read-types';
import { ShownSecret } from './shown-secret';

const words = text.events;
const route = getRouteApi('/events/$id');
const READ_EVERY_MS = 15_000;
const HOUR_MS = 3_600_000;

type WebhookEndpoint = Schemas['WebhookEndpointResponse'];

/** One endpoint: what it gets, what was sent, and what can be done with it. */
export function Endpoint() {
  const { id } = route.useParams();
  const queries = useQueryClient();
  const [secret, setSecret] = useState<string | null>(null);
  const endpoint = useQuery({
    queryKey: ['webhook', id],
    queryFn: () => answered(client.GET('/v1/webhook-endpoints/{id}', { params: { path: { id } } })),
    refetchInterval: READ_EVERY_MS,
  });
  const refresh = async () => {
    await Promise.all([
      queries.invalidateQueries({ queryKey: ['webhook', id] }),
      queries.invalidateQueries({ queryKey: ['webhooks'] }),
    ]);
  };
  return (
    <div className="page" key={id}>
      <div className="head">
        <h1>{words.endpoint}</h1>
        <div className="actions">
          <Link to="/events">{words.all}</Link>
        </div>
      </div>
      <Queried query={endpoint}>
        {(found) => (
          <>
            <section className="card" aria-label={words.endpoint}>
              <Facts of={found} />
              <Actions of={found} onChanged={refresh} onSecret={setSecret} />
            </section>
            <Attempts of={id} />
          </>
        )}
      </Queried>
      <ShownSecret secret={secret} onKept={() => setSecret(null)} />
    </div>
  );
}

function Facts({ of: endpoint }: { of: WebhookEndpoint }) {
  const { url, description, types, createdAt, previousSecretUntil } = endpoint;
  return (
    <>
      <h2 className="breaks">{url}</h2>
      {description !== null && <p className="quiet">{description}</p>}
      <dl className="facts">
        <div>
          <dt>{words.state}</dt>
          <dd>
            <EndpointState of={endpoint} />
          </dd>
        </div>
        <div>
          <dt>{words.types}</dt>
          <dd>{words.typesInWords(types)}</dd>
        </div>
        <div>
          <dt>{words.added}</dt>
          <dd>
            <Time at={createdAt} />
          </dd>
        </div>
        {previousSecretUntil !== null && (
          <div>
            <dt>{words.previousSecret}</dt>
            <dd>
              <Time at={previousSecretUntil} />
            </dd>
          </div>
        )}
      </dl>
    </>
  );
}

interface ActionsProps {
  readonly of: WebhookEndpoint;
  readonly onChanged: () => Promise<void>;
  readonly onSecret: (secret: string) => void;
}

function Actions({ of: endpoint, onChanged, onSecret }: ActionsProps) {
  const params = { path: { id: endpoint.id } };
  const navigate = useNavigate();
  const queries = useQueryClient();
  const testing = useMutation({
    mutationFn: () => answered(client.POST('/v1/webhook-endpoints/{id}/test', { params })),
    onSuccess: onChanged,
  });
  const isEnabled = endpoint.status === 'enabled';
  const enable = (enabled: boolean) =>
    answered(client.PATCH('/v1/webhook-endpoints/{id}', { params, body: { enabled } })).then(onChanged);
  const remove = async () => {
    await answered(client.DELETE('/v1/webhook-endpoints/{id}', { params }));
    queries.removeQueries({ queryKey: ['webhooks'] }); // the list that was read before still has it
    await navigate({ to: '/events' });
  };
  return (
    <>
      <div className="actions">
        <Button size="xs" loading={testing.isPending} onClick={() => testing.mutate()}>
          {words.test}
        </Button>
        <Edit of={endpoint} onChanged={onChanged} />
        <Replay of={endpoint} onChanged={onChanged} />
        <RotateSecret of={endpoint} onChanged={onChanged} onSecret={onSecret} />
        {isEnabled ? (
          <Confirm
            key="disable" // or the dialog would turn into the other one while it closes
            label={words.disable}
            title={words.disableTitle}
            confirm={words.disableConfirm}
            act={() => enable(false)}
          >
            <p>{words.disableHelp}</p>
          </Confirm>
        ) : (
          <Confirm
            key="enable"
            label={words.enable}
            title={words.enableTitle}
            confirm={words.enableConfirm}
            act={() => enable(true)}
          >
            <p>{words.enableHelp}</p>
          </Confirm>
        )}
        <Confirm label={words.remove} title={words.removeTitle} confirm={words.removeConfirm} isDangerous act={remove}>
          <p>{words.removeHelp}</p>
        </Confirm>
      </div>
      <div aria-live="polite">
        {testing.error !== null && <Problem failure={testing.error} />}
        {testing.data && (
          <Alert color={testing.data.acknowledged ? 'green' : 'yellow'}>{words.tested(testing.data)}</Alert>
        )}
      </div>
    </>
  );
}

function Edit({ of: { id, url, types, description }, onChanged }: Omit<ActionsProps, 'onSecret'>) {
  const [isOpen, setOpen] = useState(false);
  async function save(body: Chosen) {
    await answered(client.PATCH('/v1/webhook-endpoints/{id}', { params: { path: { id } }, body }));
    await onChanged();
    setOpen(false);
  }
  return (
    <>
      <Button variant="default" size="xs" onClick={() => setOpen(true)}>
        {words.edit}
      </Button>
      <Dialog title={words.editTitle} isOpen={isOpen} onClose={() => setOpen(false)} size="lg">
        <EndpointForm
          now={{ url, types: types as EventType[], description }}
          submit={words.editConfirm}
          save={save}
          onBack={() => setOpen(false)}
        />
      </Dialog>
    </>
  );
}

function Replay({ of: { id }, onChanged }: Omit<ActionsProps, 'onSecret'>) {
  const [since, setSince] = useState(() => localTime(new Date(Date.now() - HOUR_MS)));
  const instant = instantOf(since);
  const replay = () =>
    answered(
      client.POST('/v1/webhook-endpoints/{id}/replay', { params: { path: { id } }, body: { since: instant ?? '' } }),
    ).then(onChanged);
  return (
    <Confirm
      label={words.replay}
      title={words.replayTitle}
      confirm={words.replayConfirm}
      act={replay}
      isReady={instant !== null}
      fields={['since']}
    >
      {(failure) => (
        <>
          <p>{words.replayHelp}</p>
          <TextInput
            type="datetime-local"
            label={words.since}
            error={mistakeIn(failure, 'since')}
            value={since}
            onChange={(event) => setSince(event.currentTarget.value)}
          />
        </>
      )}
    </Confirm>
  );
}

function RotateSecret({ of: { id }, onChanged, onSecret }: ActionsProps) {
  const [hours, setHours] = useState<number | string>(24);
  const rotate = async () => {
    const body = { overlapSeconds: Math.round(Number(hours) * 3_600) };
    const path = { id };
    const rotated = await answered(client.POST('/v1/webhook-endpoints/{id}/rotate-secret', { params: { path }, body }));
    onSecret(rotated.secret);
    await onChanged();
  };
  return (
    <Confirm
      label={words.rotate}
      title={words.rotateTitle}
      confirm={words.rotateConfirm}
      act={rotate}
      isReady={hours !== ''}
    >
      <p>{words.rotateHelp}</p>
      <NumberInput label={words.overlap} min={0} max={720} decimalScale={2} value={hours} onChange={setHours} />
    </Confirm>
  );
}
