/**
 * The cases to name in the flow's Switch Case applet, each with what its caller hears. Whoever the caller is not told
 * apart from a stranger hears a stranger's words; only somebody of the order itself is told that it has ended.
 */
export type RefusalCase = 'expired' | 'unknown_caller' | 'inactive_number' | 'error';

const CASE_OF_REASON: Readonly<Record<string, RefusalCase>> = {
  ORDER_ENDED: 'expired',
  UNKNOWN_CALLER: 'unknown_caller',
  NO_SESSION: 'unknown_caller',
  CLI_WITHHELD: 'unknown_caller',
  SELF_CALL: 'unknown_caller',
  LOOP: 'unknown_caller',
  UNKNOWN_VN: 'inactive_number',
};

const WORDS: Readonly<Record<RefusalCase, string>> = {
  expired: 'This order has ended. Please use the app to get help with it.',
  unknown_caller: 'This number cannot connect your call. Please call from the phone you use in the app.',
  inactive_number: 'This number is not in service.',
  error: 'Your call cannot be connected right now. Please try again in a minute.',
};

/** @param reason the decision's; null when none was recorded, which means that something broke */
export function refusalCase(reason: string | null): RefusalCase {
  return (reason !== null && CASE_OF_REASON[reason]) || 'error';
}

export function refusalWords(reason: string | null): string {
  return WORDS[refusalCase(reason)];
}
