import { text } from '../strings';
import type { Phones } from './exchange';
import type { Participant } from './people';
import type { SampleOrder } from './sample-order';

const words = text.playground.tasks;
const REMOVED = '[number removed]';

interface Props {
  readonly phones: Phones;
  readonly people: readonly Participant[];
  readonly stranger: { readonly name: string; readonly phone: string };
  readonly order: SampleOrder;
}

/** What to try, with a mark at what was done. */
export function Tasks({ phones: { calls, texts }, people, stranger, order }: Props) {
  const [caller, other] = people;
  if (!caller || !other) return null;
  const isOfOrder = (phone: string) => people.some((person) => person.phone === phone);
  const wasShown = (number: string) => calls.some(({ showed }) => showed === number);
  const completed = calls.filter(({ outcome }) => outcome === 'completed');
  const connected = completed.filter(({ from, isOrdered }) => isOfOrder(from) && !isOrdered);
  const refused = calls.filter(({ outcome }) => outcome === 'refused');
  const tasks = [
    { words: words.call(caller.name, other.name), isDone: connected.length > 0 },
    { words: words.back, isDone: calls.some(({ outcome, to }) => outcome === 'busy' && wasShown(to)) },
    { words: words.both, isDone: completed.some(({ isOrdered }) => isOrdered) },
    { words: words.stranger(stranger.name), isDone: refused.some(({ from }) => from === stranger.phone) },
    ...(caller.contacts.some(({ pin }) => pin !== null)
      ? [
          {
            words: words.pin(stranger.name, caller.name),
            isDone: completed.some(({ from }) => from === stranger.phone),
          },
        ]
      : []),
    ...(order.texts === 'unavailable' || order.texts === 'off'
      ? []
      : [{ words: words.text, isDone: texts.arrived.some(({ body }) => body.includes(REMOVED)) }]),
    { words: words.end, isDone: order.status === 'ended' && refused.some(({ from }) => isOfOrder(from)) },
  ];
  return (
    <section className="card" aria-labelledby="tasks">
      <h2 id="tasks">{words.title}</h2>
      <ol className="sentences">
        {tasks.map(({ words: sentence, isDone }) => (
          <li key={sentence} className={isDone ? 'quiet' : undefined}>
            {isDone && `✓ ${words.done} `}
            {sentence}
          </li>
        ))}
      </ol>
    </section>
  );
}
