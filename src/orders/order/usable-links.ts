import { UnusableLink } from '../../virtual-numbers/link.js';
import { UnusableParticipants } from './orders.problems.js';

/** What `read` returns. @throws UnusableParticipants in place of UnusableLink */
export function usable<T>(read: () => T): T {
  try {
    return read();
  } catch (failure) {
    throw failure instanceof UnusableLink ? new UnusableParticipants(failure.field, failure.why) : failure;
  }
}
