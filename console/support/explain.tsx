import { Button, TextInput } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useState, type FormEvent } from 'react';

import { answered, client, type Schemas } from '../api/client';
import { mistakeIn, Problem } from '../parts/problem';
import { Time, WithTimes } from '../parts/time';
import { text } from '../strings';

const words = text.support.explain;

export function Explain() {
  const [from, setFrom] = useState('');
  const [to, setTo] = useState('');
  const [at, setAt] = useState('');
  const explain = useMutation({
    mutationFn: async () => {
      const when = at === '' ? {} : { at: new Date(at).toISOString() };
      const body = { from: compact(from), to: compact(to), ...when };
      const explained = await answered(client.POST('/v1/routing/explain', { body }));
      if ('reference' in explained) throw new Error('One call was explained as an order.');
      return explained;
    },
  });

  const mistakes = {
    from: mistakeIn(explain.error, 'from'),
    to: mistakeIn(explain.error, 'to'),
    at: mistakeIn(explain.error, 'at'),
  };
  const isShown = Object.values(mistakes).some((mistake) => mistake !== null);

  function submit(event: FormEvent) {
    event.preventDefault();
    if (from.trim() !== '' && to.trim() !== '') explain.mutate();
  }

  return (
    <section className="card" aria-labelledby="explain">
      <h2 id="explain">{words.title}</h2>
      <p className="quiet">{words.help}</p>
      <form className="fields" onSubmit={submit}>
        <TextInput
          label={words.from}
          description={words.fromHelp}
          inputWrapperOrder={['label', 'input', 'error', 'description']}
          error={mistakes.from}
          value={from}
          onChange={(event) => setFrom(event.currentTarget.value)}
          autoComplete="off"
          required
        />
        <TextInput
          label={words.to}
          description={words.toHelp}
          inputWrapperOrder={['label', 'input', 'error', 'description']}
          error={mistakes.to}
          value={to}
          onChange={(event) => setTo(event.currentTarget.value)}
          autoComplete="off"
          required
        />
        <TextInput
          type="datetime-local"
          label={words.at}
          error={mistakes.at}
          value={at}
          onChange={(event) => setAt(event.currentTarget.value)}
        />
        <div className="actions">
          <Button type="submit" loading={explain.isPending}>
            {words.submit}
          </Button>
        </div>
      </form>
      <div aria-live="polite">
        {explain.error !== null && !isShown && <Problem failure={explain.error} />}
        {explain.data && <Explanation of={explain.data} />}
      </div>
    </section>
  );
}

function Explanation({ of: { tell, words: sentences, order, calls } }: { of: Schemas['ExplanationResponse'] }) {
  const said = sentences.slice(0, sentences.length - calls.length); // the last ones are the calls, which are listed
  return (
    <div className="dialog">
      <div>
        {said.map((sentence, at) => (
          <p key={at} className={at === 0 ? undefined : 'quiet'}>
            {at === 0 ? (
              <strong>
                <WithTimes>{sentence}</WithTimes>
              </strong>
            ) : (
              <WithTimes>{sentence}</WithTimes>
            )}
          </p>
        ))}
      </div>
      {tell !== null && (
        <p className="tell">
          {words.tell}: “{tell}”
        </p>
      )}
      {order && (
        <p>
          <Link to="/orders/$reference" params={{ reference: order.reference }}>
            {words.order} {order.reference}
          </Link>
        </p>
      )}
      {calls.length > 0 && (
        <>
          <h3>{words.calls}</h3>
          <ol className="timeline">
            {calls.map(({ provider, providerCallId, at, reference, words: sentence }) => (
              <li key={`${provider} ${providerCallId}`}>
                <Time at={at} exact />
                <p>
                  {reference !== null && reference !== order?.reference && `${words.ofOrder(reference)} `}
                  {sentence}
                </p>
              </li>
            ))}
          </ol>
        </>
      )}
    </div>
  );
}

/** As it is dialled, without what makes it readable. */
function compact(entered: string): string {
  return entered.trim().replace(/[\s()\-/]/g, '');
}
