import { Alert, Button } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import { useEffect, useRef, type RefObject } from 'react';

import { ApiFailure } from '../api/client';
import { duration } from '../parts/duration';
import { spaced } from '../parts/number';
import { messageOf } from '../parts/problem';
import { text } from '../strings';
import { CallKeys } from './call-keys';
import { act, dial, type Act, type Call, type Phones } from './exchange';
import { Keypad } from './keypad';
import type { Participant } from './people';
import { Texts } from './texts';
import { secondsSince, useNow } from './time';

const words = text.playground.phone;
/** The exchange's answer about a number that is none of its account. */
const NOT_OURS = 422;

interface Props extends Participant {
  readonly phones: Phones;
  readonly takesTexts: boolean;
  /** Orders a call that rings this phone, then another participant's; null = nobody may. */
  readonly onCallBoth: ((to: string) => Promise<unknown>) | null;
}

/** A phone in the visitor's hand: what it shows, and what its owner can do. */
export function Phone({ name, role, phone, contacts, phones, takesTexts, onCallBoth }: Props) {
  const now = callNow(phones, phone);
  const placing = useMutation({ mutationFn: (to: string) => dial(phone, to) });
  const acting = useMutation({ mutationFn: ({ call, what }: { call: Call; what: Act }) => act(call, what) });
  const ordering = useMutation({ mutationFn: async (to: string) => onCallBoth?.(to) });
  const screen = useRef<HTMLDivElement>(null);
  const isBusy = now !== null || placing.isPending || ordering.isPending;
  const isRinging = now?.state === 'ringing' && now.rang === phone;
  useFocusInside(screen, now === null ? 'idle' : `${now.callSid} ${now.state}`);

  const call = (to: string) => {
    acting.reset();
    ordering.reset();
    if (!isBusy) placing.mutate(to);
  };
  const callBoth = (to: string) => {
    acting.reset();
    placing.reset();
    if (!isBusy) ordering.mutate(to);
  };
  const failure = placing.error ?? ordering.error ?? acting.error;
  return (
    <section className="card phone" aria-label={words.label(name, role)}>
      <div>
        <h2>
          {name} <span className="quiet">{role}</span>
        </h2>
        <p className="quiet">
          {words.own} <span className="number">{spaced(phone)}</span>
        </p>
      </div>
      <div className={isRinging ? 'screen is-ringing' : 'screen'} ref={screen}>
        <div role="status">
          {now === null ? <LastCall phones={phones} phone={phone} /> : <OfCall call={now} phone={phone} />}
        </div>
        {now !== null && now.from === phone && now.keyed !== null && <CallKeys call={now} />}
        {now === null ? (
          <CallBack phones={phones} phone={phone} onCall={call} />
        ) : (
          <div className="actions">
            {isRinging ? (
              <>
                <Button size="xs" onClick={() => acting.mutate({ call: now, what: 'answer' })}>
                  {words.answer}
                </Button>
                <Button variant="default" size="xs" onClick={() => acting.mutate({ call: now, what: 'decline' })}>
                  {words.decline}
                </Button>
              </>
            ) : (
              <Button color="red" size="xs" onClick={() => acting.mutate({ call: now, what: 'hang-up' })}>
                {words.hangUp}
              </Button>
            )}
          </div>
        )}
      </div>
      {failure !== null && (
        <Alert color="red" role="alert">
          {failure instanceof ApiFailure && failure.status === NOT_OURS
            ? words.notOurs
            : messageOf(failure, text.playground.problems)}
        </Alert>
      )}
      <div>
        <h3>{contacts.some((contact) => contact.role !== null) ? words.numbers : words.found}</h3>
        {contacts.length === 0 && <p className="quiet">{words.noNumbers}</p>}
        <ul className="contacts">
          {contacts.map(({ number, role: other, pin }) => (
            <li key={number}>
              <span>
                <span className="number">{spaced(number)}</span>
                {other !== null && <span className="quiet line">{words.toReach(other)}</span>}
                {pin !== null && (
                  <span className="quiet line">
                    {words.pin} <span className="number">{pin}</span>
                  </span>
                )}
              </span>
              <span className="actions">
                <Button
                  size="compact-sm"
                  disabled={isBusy}
                  aria-label={other === null ? words.callNumber(spaced(number)) : words.callTo(other)}
                  onClick={() => call(number)}
                >
                  {words.call}
                </Button>
                {other !== null && onCallBoth !== null && (
                  <Button
                    variant="default"
                    size="compact-sm"
                    disabled={isBusy}
                    aria-label={words.callBothTo(other)}
                    onClick={() => callBoth(other)}
                  >
                    {words.callBoth}
                  </Button>
                )}
              </span>
            </li>
          ))}
        </ul>
      </div>
      <Keypad isBusy={isBusy} onCall={call} />
      {takesTexts ? (
        <Texts phone={phone} contacts={contacts} texts={phones.texts} />
      ) : (
        <p className="quiet">{words.noTexts}</p>
      )}
    </section>
  );
}

/** What goes on with the phone; null = nothing. */
function callNow({ calls }: Phones, phone: string): Call | null {
  return (
    calls.findLast(
      ({ state, from, rang }) =>
        state !== 'ended' && (from === phone || (rang === phone && (state === 'ringing' || state === 'talking'))),
    ) ?? null
  );
}

function lastCall({ calls }: Phones, phone: string): Call | null {
  return calls.findLast(({ state, from, rang }) => state === 'ended' && (from === phone || rang === phone)) ?? null;
}

function OfCall({ call, phone }: { call: Call; phone: string }) {
  const { state, from, to, rang, showed, talksSince, heard } = call;
  const isCaller = from === phone;
  const other = spaced(isCaller ? to : (showed ?? ''));
  const now = useNow(state === 'talking');
  if (state === 'talking') {
    return (
      <p>
        {words.talks(other)}{' '}
        <span className="quiet" aria-hidden>
          {duration(secondsSince(talksSince, now))}
        </span>
      </p>
    );
  }
  if (state === 'ringing' && rang === phone) return <p>{words.rings(spaced(showed ?? ''))}</p>;
  if (state === 'keying') {
    return (
      <>
        <p>{words.asksForKeys}</p>
        <p className="tell">“{heard.at(-1)}”</p>
      </>
    );
  }
  return <p>{state === 'routing' ? words.routing(other) : words.calling(other)}</p>;
}

function LastCall({ phones, phone }: { phones: Phones; phone: string }) {
  const call = lastCall(phones, phone);
  if (call === null || call.outcome === null) return <p className="quiet">{words.idle}</p>;
  // In an ordered call, the phone that rings first can be missed or declined, too.
  const isCaller = call.from === phone && !(call.isOrdered && call.rang === phone);
  const say = (isCaller ? words.asCaller : words.asCallee)[call.outcome];
  return (
    <>
      <p>{say(call.talkSeconds)}</p>
      {isCaller && call.outcome === 'refused' && (
        <p className="tell">{call.heard.length > 0 ? `“${call.heard.join(' ')}”` : words.noWords}</p>
      )}
    </>
  );
}

/** The number that the phone showed, as in the list of its calls. */
function CallBack({ phones, phone, onCall }: { phones: Phones; phone: string; onCall: (to: string) => void }) {
  const call = lastCall(phones, phone);
  if (call === null || call.from === phone || call.showed === null) return null;
  const { showed } = call;
  return (
    <div className="actions">
      <Button variant="default" size="xs" aria-label={words.callBackTo(spaced(showed))} onClick={() => onCall(showed)}>
        {words.callBack}
      </Button>
    </div>
  );
}

/** Keeps the keyboard in the phone when the button that was pressed there is replaced by others. */
function useFocusInside(screen: RefObject<HTMLDivElement | null>, state: string): void {
  const was = useRef<{ state: string; inside: boolean }>({ state, inside: false });
  useEffect(() => {
    const remember = () => {
      const section = screen.current?.closest('section');
      was.current.inside = section?.contains(document.activeElement) ?? false;
    };
    document.addEventListener('focusin', remember);
    return () => document.removeEventListener('focusin', remember);
  }, [screen]);
  useEffect(() => {
    if (was.current.state === state) return;
    was.current.state = state;
    const isLost = document.activeElement === document.body || document.activeElement === null;
    if (was.current.inside && isLost) screen.current?.querySelector('button')?.focus();
  }, [screen, state]);
}
