import { Alert, Button, NativeSelect } from '@mantine/core';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useEffect, useMemo, useRef, useState } from 'react';

import { isPassing } from '../api/client';
import { useReadEvery } from '../live/live';
import { Loading } from '../parts/loading';
import { messageOf, Problem } from '../parts/problem';
import { useFailure } from '../parts/queried';
import { Status, toneOf } from '../parts/status';
import { text } from '../strings';
import { holdPhones, usePhones } from './exchange';
import {
  KINDS,
  peopleOf,
  PROVIDERS,
  providerOfPool,
  QUARANTINE_SECONDS,
  strangerOf,
  type Contact,
  type Kind,
  type Participant,
  type Provider,
} from './people';
import { Phone } from './phone';
import { pinOfLink, PinSwitch, usePins, type Pins } from './pins';
import { endSample, findSample, orderCall, placeSample, readSample, type SampleOrder } from './sample-order';
import { useRinging, useSpeech } from './sounds';
import { Tasks } from './tasks';
import { useNow } from './time';
import { Wire } from './wire';

const words = text.playground;
/** While the stream is interrupted. */
const READ_EVERY_MS = 2_000;
/** Assignments whose quarantine is over are removed by a job. */
const SWEPT_WITHIN_SECONDS = 3;
const SAMPLE = ['sample'] as const;

/** A sample order whose phones are in the visitor's hands. */
export function Playground() {
  const { phones, failure } = usePhones();
  const [isMuted, setMuted] = useState(false);
  const sample = useSample();
  const { order } = sample;
  const provider = (order && providerOfPool(order.pool)) ?? 'twilio';
  const pins = usePins(order ?? null);
  const people = useMemo(() => (order ? participantsOf(order, provider, pins) : []), [order, provider, pins]);
  useHolding([...people, strangerOf(provider)], failure === null);
  const isRinging = phones !== null && phones.calls.some(({ state }) => state === 'ringing');
  useRinging(isRinging && !isMuted);
  useSpeech(phones?.calls ?? null, isMuted);
  useEffect(() => {
    document.title = `${words.title} · ${text.name}`;
    return () => void (document.title = text.name);
  }, []);
  const names = new Map([...people, strangerOf(provider)].map(({ phone, name }) => [phone, name]));

  return (
    <div className="page">
      <div className="head">
        <h1>{words.title}</h1>
        <div className="actions">
          <Button variant="default" size="xs" aria-pressed={isMuted} onClick={() => setMuted(!isMuted)}>
            {isMuted ? words.sound.off : words.sound.on}
          </Button>
        </div>
      </div>
      <p>{words.help}</p>
      {failure !== null && (
        <Alert color="red" role="alert">
          {messageOf(failure, words.problems)} {text.repeated}
        </Alert>
      )}
      {sample.failure !== null && failure === null && (
        <Problem
          title={text.problems.notRead}
          failure={sample.failure}
          words={words.problems}
          isRepeated={isPassing(sample.failure)}
        />
      )}
      {order === undefined && sample.failure === null && <Loading />}
      {order && phones && (
        <>
          <div className="columns">
            <OrderBar order={order} sample={sample} />
            <Tasks phones={phones} people={people} stranger={strangerOf(provider)} order={order} />
          </div>
          <div className="phones">
            {people.map((person) => (
              <Phone
                key={`${order.reference} ${person.role}`}
                {...person}
                phones={phones}
                takesTexts={provider === 'twilio'}
                onCallBoth={order.status === 'ended' ? null : (to) => orderCall(order, person.role, to)}
              />
            ))}
            <Phone
              key={`${order.reference} ${words.phone.stranger}`}
              {...strangerOf(provider)}
              role={words.phone.stranger}
              contacts={foundIn(people)}
              phones={phones}
              takesTexts={provider === 'twilio'}
              onCallBoth={null}
            />
          </div>
          <Wire phones={phones} nameOf={(phone) => names.get(phone) ?? phone} />
        </>
      )}
      {order !== undefined && <Start sample={sample} isFirst={order === null} />}
    </div>
  );
}

/** Tells the exchange which phones are on the page, so that calls that Maskline orders ring here. */
function useHolding(people: readonly { readonly phone: string }[], isUp: boolean): void {
  const phones = people.map(({ phone }) => phone).join(' ');
  useEffect(() => {
    if (isUp) void holdPhones(phones.split(' ')).catch(() => undefined); // the page says that the exchange is down
  }, [phones, isUp]);
}

function participantsOf({ participants }: SampleOrder, provider: Provider, pins: Pins): Participant[] {
  const isParcel = participants.some(({ role }) => role === 'courier');
  return [...peopleOf(isParcel ? 'parcel' : 'delivery', provider)].map(([role, person]) => {
    const dials = participants.find((one) => one.role === role)?.dials ?? [];
    const contacts = dials.flatMap(({ to, number }) =>
      number === null ? [] : [{ number, role: to, pin: pinOfLink(pins, role, to) }],
    );
    return { ...person, role, contacts };
  });
}

/** The numbers of an order, for somebody who is not on it. */
function foundIn(people: readonly Participant[]): Contact[] {
  const numbers = people.flatMap(({ contacts }) => contacts.map(({ number }) => number));
  return [...new Set(numbers)].map((number) => ({ number, role: null, pin: null }));
}

interface Sample {
  /** Null = there is none; undefined = not known yet. */
  readonly order: SampleOrder | null | undefined;
  readonly failure: unknown;
  /** Whether the order ended by another hand than this page's. */
  readonly isEndedElsewhere: boolean;
  /** Whether it was shown here, and cannot be found any more. */
  readonly isGone: boolean;
  place(kind: Kind, provider: Provider): Promise<void>;
  end(how: 'complete' | 'cancel'): Promise<void>;
}

/** The sample order, read again when it changes. After its end, the numbers that its phones showed stay known. */
function useSample(): Sample {
  const queries = useQueryClient();
  const last = useRef<SampleOrder | null>(null);
  const [endedHere, setEndedHere] = useState<string | null>(null);
  const query = useQuery({
    queryKey: SAMPLE,
    queryFn: async () => {
      const before = last.current;
      const read = before === null ? await findSample() : await readSample(before.reference);
      if (read === null) return { order: before, isGone: before !== null };
      last.current = withNumbersOf(before, read);
      return { order: last.current, isGone: false };
    },
    refetchInterval: useReadEvery(READ_EVERY_MS),
  });
  const show = (order: SampleOrder) => {
    last.current = withNumbersOf(last.current, order);
    queries.setQueryData(SAMPLE, { order: last.current, isGone: false });
  };
  const failure = useFailure(query);
  const order = query.data?.order;
  const isOver = order?.status === 'closing' || order?.status === 'ended';
  return {
    order,
    failure,
    isEndedElsewhere: isOver && endedHere !== order.reference,
    isGone: query.data?.isGone ?? false,
    place: async (kind, provider) => {
      await queries.cancelQueries({ queryKey: SAMPLE });
      show(await placeSample(kind, provider));
    },
    end: async (how) => {
      if (!last.current) return;
      setEndedHere(last.current.reference);
      await queries.cancelQueries({ queryKey: SAMPLE });
      show(await endSample(last.current, how));
    },
  };
}

/**
 * Phones remember the numbers that they showed. An order that has ended dials none; one that is read at the instant of
 * its end may have lost them while it is not over yet.
 */
function withNumbersOf(before: SampleOrder | null, now: SampleOrder): SampleOrder {
  if (before?.reference !== now.reference || hasNumbers(now) || !hasNumbers(before)) return now;
  return { ...now, participants: before.participants };
}

const hasNumbers = ({ participants }: SampleOrder): boolean =>
  participants.some(({ dials }) => dials.some(({ number }) => number !== null));

function OrderBar({ order, sample }: { order: SampleOrder; sample: Sample }) {
  const ending = useMutation({ mutationFn: sample.end });
  const isOpen = order.status !== 'closing' && order.status !== 'ended';
  return (
    <section className="card" aria-labelledby="sample">
      <div className="head">
        <h2 id="sample" tabIndex={-1}>
          {words.order.title(order.reference)}
        </h2>
        <Status tone={toneOf(order.status)}>{text.orderStatus[order.status]}</Status>
        <div className="actions">
          {isOpen && (
            <>
              <Button size="xs" loading={ending.isPending} onClick={() => ending.mutate('complete')}>
                {words.order.complete}
              </Button>
              <Button variant="default" size="xs" disabled={ending.isPending} onClick={() => ending.mutate('cancel')}>
                {words.order.cancel}
              </Button>
            </>
          )}
          <Button
            variant="subtle"
            size="xs"
            renderRoot={(props) => <Link to="/orders/$reference" params={{ reference: order.reference }} {...props} />}
          >
            {words.order.open}
          </Button>
        </div>
      </div>
      <p role="status">{sample.isGone ? words.order.gone : <Phase order={order} />}</p>
      {isOpen && <PinSwitch pool={order.pool} />}
      {sample.isEndedElsewhere && !sample.isGone && <Alert color="yellow">{words.order.elsewhere}</Alert>}
      {ending.error !== null && <Problem failure={ending.error} />}
    </section>
  );
}

/** Where the order is in its life, and for how long. */
function Phase({ order: { status, connectsUntil, closedAt } }: { order: SampleOrder }) {
  const isOver = status === 'closing' || status === 'ended';
  const now = useNow(isOver);
  if (!isOver) return status === 'active' ? words.order.active : words.order.waiting;
  const until = Date.parse(connectsUntil ?? closedAt ?? '');
  const grace = Math.ceil((until - now) / 1_000);
  if (status === 'closing') return words.order.grace(Math.max(0, grace));
  const quarantine = grace + QUARANTINE_SECONDS + SWEPT_WITHIN_SECONDS;
  return quarantine > 0 ? words.order.quarantine(quarantine) : words.order.over;
}

function Start({ sample, isFirst }: { sample: Sample; isFirst: boolean }) {
  const [provider, setProvider] = useState<Provider>('twilio');
  const placing = useMutation({
    mutationFn: (kind: Kind) => sample.place(kind, provider),
    onSuccess: () => requestAnimationFrame(() => document.getElementById('sample')?.focus()),
  });
  return (
    <section className="card" aria-labelledby="start">
      <div>
        <h2 id="start">{isFirst ? words.start.title : words.start.another}</h2>
        <p className="quiet">{words.start.help}</p>
      </div>
      <div className="actions">
        {KINDS.map((kind) => (
          <Button
            key={kind}
            variant={kind === 'delivery' && isFirst ? 'filled' : 'default'}
            loading={placing.isPending && placing.variables === kind}
            disabled={placing.isPending}
            onClick={() => placing.mutate(kind)}
          >
            {words.start.kinds[kind]}
          </Button>
        ))}
      </div>
      <NativeSelect
        label={words.start.numbers}
        value={provider}
        onChange={(event) => setProvider(event.currentTarget.value as Provider)}
        data={PROVIDERS.map((one) => ({ value: one, label: words.start.providers[one] }))}
      />
      {placing.error !== null && <Problem failure={placing.error} words={words.problems} />}
    </section>
  );
}
