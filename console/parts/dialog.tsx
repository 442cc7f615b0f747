import { Modal } from '@mantine/core';
import type { ReactNode } from 'react';

interface Props {
  readonly title: string;
  readonly isOpen: boolean;
  readonly onClose: () => void;
  readonly size?: 'md' | 'lg';
  /** Whether a click beside the dialog closes it. Default true. */
  readonly closesBeside?: boolean;
  readonly children: ReactNode;
}

/** A dialog without the header of the library, which would be a second banner of the page. */
export function Dialog({ title, isOpen, onClose, size = 'md', closesBeside = true, children }: Props) {
  return (
    <Modal.Root opened={isOpen} onClose={onClose} closeOnClickOutside={closesBeside} size={size}>
      <Modal.Overlay />
      <Modal.Content>
        <Modal.Body p="lg">
          <div className="dialog">
            <Modal.Title>{title}</Modal.Title>
            {children}
          </div>
        </Modal.Body>
      </Modal.Content>
    </Modal.Root>
  );
}
