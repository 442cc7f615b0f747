import { ShownOnce } from '../parts/shown-once';
import { text } from '../strings';

const words = text.events;

interface Props {
  /** Null = nothing is shown. */
  readonly secret: string | null;
  readonly onKept: () => void;
}

/** The secret of a webhook endpoint, after it was created or replaced. */
export function ShownSecret({ secret, onKept }: Props) {
  return (
    <ShownOnce title={words.shownTitle} help={words.shownOnce} what={words.theSecret} secret={secret} onKept={onKept} />
  );
}
