import { BEGINNING } from '../feed/order-event-feed.service.js';
import type { Change } from './change.js';

/** Minutes of the busiest installation that was measured, and hours of most. They take some 10 MB at most. */
export const MOST_REMEMBERED = 10_000;

/**
 * The last changes, in the sequence of the feed, for all streams of a process. A stream only remembers its place among
 * them, so a slow reader costs no memory: it is told if a change was forgotten before its turn.
 */
export class RecentChanges {
  private readonly changes: Change[] = [];
  /** How many places there are before the first remembered change. */
  private forgotten = 0;

  /** The position after which everything is remembered. */
  private since = BEGINNING;
  /** The position up to which these are all changes. */
  position = BEGINNING;

  /** The place of the next change. */
  get end(): number {
    return this.forgotten + this.changes.length;
  }

  /** @param position in the feed, up to which these are all changes */
  add(changes: readonly Change[], position: string): void {
    this.changes.push(...changes);
    this.position = position;
    const tooMany = this.changes.length - MOST_REMEMBERED;
    if (tooMany > 0) this.forget(tooMany);
  }

  /** Forgets everything, and goes on at another position of the feed. Who has not reached the end misses something. */
  restart(position: string): void {
    this.forget(this.changes.length);
    this.forgotten += 1;
    this.position = position;
    this.since = position;
  }

  /** The change at a place: null = it has not happened yet. */
  at(place: number): Change | 'forgotten' | null {
    if (place < this.forgotten) return 'forgotten';
    return this.changes[place - this.forgotten] ?? null;
  }

  /** The place after a position of the feed. Null = it is not known what came after it. */
  after(position: string): number | null {
    const wanted = BigInt(position);
    if (wanted < BigInt(this.since) || wanted > BigInt(this.position)) return null;
    let [low, high] = [0, this.changes.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (BigInt(this.changes[middle]!.position) > wanted) high = middle;
      else low = middle + 1;
    }
    return this.forgotten + low;
  }

  private forget(count: number): void {
    const last = this.changes.splice(0, count).at(-1);
    this.forgotten += count;
    if (last) this.since = last.position;
  }
}
