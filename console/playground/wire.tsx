import type { ReactNode } from 'react';

import { spaced } from '../parts/number';
import { text } from '../strings';
import { isAsked, type AskedStep, type Call, type Phones, type SentText, type Step } from './exchange';

const words = text.playground.wire;

interface Props {
  readonly phones: Phones;
  /** The name of the person who has a phone; the number itself of others. */
  readonly nameOf: (phone: string) => string;
}

/** The requests of the provider in the last call or text, with Maskline's answers. */
export function Wire({ phones, nameOf }: Props) {
  const last = lastOf(phones);
  return (
    <section className="card" aria-labelledby="wire">
      <div>
        <h2 id="wire">{words.title}</h2>
        <p className="quiet">{words.help}</p>
      </div>
      {last === null ? <p className="quiet">{words.empty}</p> : <Exchange of={last} nameOf={nameOf} />}
    </section>
  );
}

interface Last {
  readonly title: 'call' | 'ordered' | 'text';
  readonly provider: Call['provider'];
  readonly from: string;
  readonly to: string;
  readonly steps: readonly Step[];
  /** The phone of the person at the other end, as far as it is known. */
  readonly reached: string | null;
}

function lastOf({ calls, texts }: Phones): Last | null {
  const [call, sent] = [calls.at(-1), texts.sent.at(-1)];
  if (sent && (!call || sent.at > call.startedAt)) return ofText(sent);
  return call ? { title: call.isOrdered ? 'ordered' : 'call', ...call, reached: call.rang } : null;
}

/** Of the two providers, only Twilio forwards texts. */
function ofText({ from, to, steps }: SentText): Last {
  const answers = steps.map(({ answered }) => (typeof answered === 'string' ? answered : ''));
  const reached = /<Message[^>]* to="(\+\d+)"/.exec(answers.join(''))?.[1] ?? null;
  return { title: 'text', provider: 'twilio', from, to, steps, reached };
}

function Exchange({
  of: { title, provider, from, to, steps, reached },
  nameOf,
}: {
  of: Last;
  nameOf: Props['nameOf'];
}) {
  const isMarked = reached !== null && steps.some((step) => isAsked(step) && answerOf(step).includes(reached));
  return (
    <>
      <h3>{words[title](nameOf(from), spaced(to))}</h3>
      {isMarked && (
        <p className="marked-note">
          <mark aria-hidden>{spaced(reached)}</mark> {words.marked(nameOf(reached))}
        </p>
      )}
      <ol className="wire">
        {steps.map((step, place) => (
          // Steps are only ever added at the end, so their place names them.
          <li key={place} className={kindOf(step)}>
            {isAsked(step) ? <Asked {...{ step, provider, reached }} /> : <Happened {...{ step, nameOf }} />}
          </li>
        ))}
      </ol>
    </>
  );
}

function Asked({ step, provider, reached }: { step: AskedStep; provider: Call['provider']; reached: string | null }) {
  const { asked, query, body, status, ms, problem } = step;
  const fields = Object.entries(query ?? body ?? {}).filter(([, value]) => value !== '');
  const answer = answerOf(step);
  const name = words.providers[provider];
  return (
    <>
      <details>
        <summary>
          {titleOf(step, name)} <code className="line quiet">{asked}</code>
        </summary>
        <dl className="wire-fields">
          {fields.map(([field, value]) => (
            <div key={field}>
              <dt>{field}</dt>
              <dd>{value}</dd>
            </div>
          ))}
        </dl>
      </details>
      <div className="answer">
        <p className="quiet">
          {status === null ? words.noAnswer : `${words.answers} ${status}, ${ms} ms`}
          {status !== null && answer === '' && `: ${words.nothing}`}
        </p>
        {answer !== '' && (
          <pre tabIndex={0} aria-label={`${words.answers}: ${asked}`}>
            <Marked whole={answer} part={reached} />
          </pre>
        )}
        {problem !== undefined && (
          <p>
            {words.rejected} {problem}
          </p>
        )}
      </div>
    </>
  );
}

function Happened({ step, nameOf }: { step: Exclude<Step, AskedStep>; nameOf: Props['nameOf'] }) {
  if ('ordered' in step) return <p>{words.order(nameOf(step.ordered))}</p>;
  if ('rang' in step) return <p>{words.rang(nameOf(step.rang))}</p>;
  if ('showed' in step) return <p>{words.showed(spaced(step.showed))}</p>;
  if ('heard' in step) return <p>{`${words.heard[step.by]} “${step.heard}”`}</p>;
  if ('keyed' in step) return <p>{`${words.keyed} ${step.keyed}`}</p>;
  return <p>{words.ended[step.reported](step.talkSeconds)}</p>;
}

/** A text in which each place of a part is marked. */
function Marked({ whole, part }: { whole: string; part: string | null }): ReactNode {
  if (part === null) return whole;
  return whole
    .split(part)
    .flatMap((between, place) => [...(place === 0 ? [] : [<mark key={place}>{part}</mark>]), between]);
}

type Purpose = keyof typeof words.purposes;

/** What a request is for, by the end of its path. */
const PURPOSES: readonly (readonly [RegExp, Purpose])[] = [
  [/\/(connect(-pin(-again)?)?|voice(\/pin\/\d+)?)$/, 'call'],
  [/\/gather$/, 'pin'],
  [/\/reason$/, 'reason'],
  [/\/greeting$/, 'greeting'],
  [/\/voice\/whisper$/, 'whisper'],
  [/\/(sms|messages)$/, 'text'],
  [/\/(passthru\/[\w-]+|voice\/dial-result)$/, 'end'],
  [/\/voice\/status$/, 'state'],
  [/\/voice\/recording$/, 'recording'],
  [/\/(sms-status|messages\/status)$/, 'delivery'],
];

const REPORTS: ReadonlySet<Purpose> = new Set<Purpose>(['end', 'state', 'recording', 'delivery']);

function purposeOf(asked: string): Purpose {
  const path = asked.split('?')[0]!;
  return PURPOSES.find(([form]) => form.test(path))?.[1] ?? 'other';
}

/** What a request is, in words: of a report, also what it says. */
function titleOf({ asked, query, body }: AskedStep, provider: string): string {
  const purpose = purposeOf(asked);
  const fields = { ...query, ...body };
  const exit = asked.split('?')[0]!.split('/').at(-1)!;
  const said: Readonly<Partial<Record<Purpose, string | undefined>>> = {
    state: callStates[fields['CallStatus'] ?? ''],
    end: callStates[fields['DialCallStatus'] ?? ''] ?? callStates[exit],
    delivery: textStates[fields['MessageStatus'] ?? ''],
  };
  const what = said[purpose];
  return what === undefined ? words.purposes[purpose](provider) : words.reports(provider, what);
}

/** A provider may report what it never did before. */
const callStates: Readonly<Record<string, string | undefined>> = words.callStates;
const textStates: Readonly<Record<string, string | undefined>> = words.textStates;

/** Questions, on which the call depends, reports, to which the answer does not matter, and what people saw and heard. */
function kindOf(step: Step): 'asks' | 'reports' | 'happens' {
  if (!isAsked(step)) return 'happens';
  return REPORTS.has(purposeOf(step.asked)) ? 'reports' : 'asks';
}

/** The body of an answer, with a line for each element or field. */
function answerOf({ answered }: AskedStep): string {
  if (answered === null || answered === undefined) return '';
  if (typeof answered !== 'string') return JSON.stringify(answered, null, 2);
  return answered.replace(/^<\?xml[^>]*\?>/, '').replace(/></g, '>\n<');
}
