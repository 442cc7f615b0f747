import { Button } from '@mantine/core';

import { text } from '../strings';
import { Copy } from './copy';
import { Dialog } from './dialog';

interface Props {
  readonly title: string;
  readonly help: string;
  /** Null = the dialog is closed. */
  readonly secret: string | null;
  /** Names the secret for screen readers. */
  readonly what: string;
  readonly onKept: () => void;
}

/** A secret that no other response contains. A click beside the dialog does not close it. */
export function ShownOnce({ title, help, secret, what, onKept }: Props) {
  return (
    <Dialog title={title} isOpen={secret !== null} onClose={onKept} closesBeside={false} size="lg">
      {secret !== null && (
        <>
          <p>{help}</p>
          <p className="secret">{secret}</p>
          <div className="actions">
            <Copy value={secret} what={what} />
            <Button size="compact-sm" onClick={onKept}>
              {text.kept}
            </Button>
          </div>
        </>
      )}
    </Dialog>
  );
}
