import { isIPv6 } from 'node:net';

const WINDOW_MS = 60_000;
/** Further addresses are counted together, so that strangers cannot fill the memory. */
const MOST_ADDRESSES = 10_000;
const ALL_OTHERS = '';

/**
 * Failures of the current minute by sender, in this process. An IPv6 sender is its /64, the smallest network that is
 * assigned.
 */
export class FailedAttempts {
  private readonly counts = new Map<string, number>();
  private windowEndsAtMs = 0;

  /** Counts a failure. @returns the sender's failures in this minute, including this one */
  add(address: string, nowMs = Date.now()): number {
    if (nowMs >= this.windowEndsAtMs) {
      this.counts.clear();
      this.windowEndsAtMs = nowMs + WINDOW_MS;
    }
    const sender = senderOf(address);
    const key = this.counts.has(sender) || this.counts.size < MOST_ADDRESSES ? sender : ALL_OTHERS;
    const count = (this.counts.get(key) ?? 0) + 1;
    this.counts.set(key, count);
    return count;
  }

  /** Whole seconds until all counts restart. */
  secondsLeft(nowMs = Date.now()): number {
    return Math.max(1, Math.ceil((this.windowEndsAtMs - nowMs) / 1_000));
  }
}

function senderOf(address: string): string {
  if (!isIPv6(address)) return address;
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address)?.[1];
  return mapped ?? `${networkOf(address)}::/64`;
}

/** The first four groups of an IPv6 address, with `::` expanded. */
function networkOf(address: string): string {
  const [head = '', tail] = address.split('%')[0]!.split('::');
  const [first, last] = [head, tail ?? ''].map((part) => (part === '' ? [] : part.split(':')));
  const zeros = tail === undefined ? 0 : 8 - first!.length - last!.length;
  return [...first!, ...Array<string>(Math.max(0, zeros)).fill('0'), ...last!].slice(0, 4).join(':');
}
