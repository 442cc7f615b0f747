import type { Role } from '../../virtual-numbers/role.js';
import { wordsOf } from '../interactions/interaction-words.js';
import { toldOf } from '../interactions/interactions.dto.js';
import type { KnownCall } from '../interactions/known-interactions.queries.js';
import { instant } from './explanation.js';

/** The calls and texts of an order, or of one participant of it, oldest first. Contains no phone. */
export interface FactsOfOrder {
  readonly reference: string;
  /** Null = of all participants. */
  readonly role: Role | null;
  readonly calls: readonly KnownCall[];
  /** Of unknown callers, to the order's numbers while it had them. They belong to no order. */
  readonly possiblyTheirs: readonly KnownCall[];
  /** Whether there are no older ones. */
  readonly isWhole: boolean;
}

/** The same in sentences that can be read out. */
export function orderInWords({ reference, role, calls, possiblyTheirs, isWhole }: FactsOfOrder): string[] {
  const whose = role === null ? `Order ${reference}` : `The ${role} of order ${reference}`;
  return [
    `${whose} has ${countOf(calls)}.`,
    ...calls.map((call) => `On ${instant(call.at)}: ${wordsOf(toldOf(call))}`),
    ...(possiblyTheirs.length === 0
      ? []
      : [
          `Possibly theirs, from phones that are not known: ${countOf(possiblyTheirs)} to the same numbers, while they had them.`,
        ]),
    ...possiblyTheirs.map(
      (call) => `Possibly theirs, on ${instant(call.at)} to ${call.virtualNumber}: ${wordsOf(toldOf(call))}`,
    ),
    ...(isWhole ? [] : ['There are older calls and texts, which are left out.']),
  ];
}

function countOf(calls: readonly KnownCall[]): string {
  const texts = calls.filter(({ kind }) => kind === 'text').length;
  const spoken = calls.length - texts;
  const parts = [
    ...(spoken > 0 || texts === 0 ? [spoken === 0 ? 'no calls' : spoken === 1 ? '1 call' : `${spoken} calls`] : []),
    ...(texts === 0 ? [] : [texts === 1 ? '1 text' : `${texts} texts`]),
  ];
  return parts.join(' and ');
}
