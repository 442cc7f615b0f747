import { Button, Group } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import { useState, type ReactNode } from 'react';

import { text } from '../strings';
import { Dialog } from './dialog';
import { mistakeIn, Problem } from './problem';

interface Props {
  /** The button that opens the dialog. */
  readonly label: string;
  readonly title: string;
  /** What the dialog says and asks. A field shows what is wrong with it, so it is told the failure. */
  readonly children: ReactNode | ((failure: unknown) => ReactNode);
  /** The fields that do, as the API names them. */
  readonly fields?: readonly string[];
  /** The button that does it. */
  readonly confirm: string;
  readonly isDangerous?: boolean;
  readonly act: () => Promise<unknown>;
  /** Whether the dialog has all it needs. */
  readonly isReady?: boolean;
  readonly size?: 'xs' | 'sm' | 'compact-sm';
}

/** A button that asks before it acts. The dialog stays open, with the reason, if the act fails. */
export function Confirm(props: Props) {
  const { label, title, children, fields = [], confirm, isDangerous, act, isReady = true, size = 'xs' } = props;
  const [isOpen, setOpen] = useState(false);
  const doing = useMutation({ mutationFn: act, onSuccess: () => setOpen(false) });
  const open = () => {
    doing.reset();
    setOpen(true);
  };
  const isShown = fields.some((field) => mistakeIn(doing.error, field) !== null);
  return (
    <>
      <Button variant="default" size={size} onClick={open}>
        {label}
      </Button>
      <Dialog title={title} isOpen={isOpen} onClose={() => setOpen(false)}>
        <form
          onSubmit={(event) => {
            event.preventDefault();
            if (isReady) doing.mutate();
          }}
        >
          <div className="dialog">
            {typeof children === 'function' ? children(doing.error) : children}
            {doing.error !== null && !isShown && <Problem failure={doing.error} />}
            <Group justify="flex-end">
              <Button variant="default" onClick={() => setOpen(false)}>
                {text.back}
              </Button>
              <Button
                type="submit"
                color={isDangerous ? 'red' : undefined}
                loading={doing.isPending}
                disabled={!isReady}
              >
                {confirm}
              </Button>
            </Group>
          </div>
        </form>
      </Dialog>
    </>
  );
}
