const SILENCE_MS = 60_000;
const MOST_KEYS = 1_000;

/**
 * Limits log lines that strangers can cause: each kind is logged at most once a minute, with the number of occurrences
 * since then. A flood of requests therefore causes no flood of lines.
 */
export class LogThrottle {
  private readonly kinds = new Map<string, { readonly silentUntil: number; unlogged: number }>();

  /** The number of occurrences since the last line, including this one; null if it must not be logged now. */
  occurrences(kind: string, nowMs = Date.now()): number | null {
    const known = this.kinds.get(kind);
    if (known && nowMs < known.silentUntil) {
      known.unlogged += 1;
      return null;
    }
    if (!known && this.kinds.size >= MOST_KEYS) this.forgetOld(nowMs);
    if (!known && this.kinds.size >= MOST_KEYS) return null;
    this.kinds.set(kind, { silentUntil: nowMs + SILENCE_MS, unlogged: 0 });
    return (known?.unlogged ?? 0) + 1;
  }

  private forgetOld(nowMs: number): void {
    for (const [kind, { silentUntil }] of this.kinds) if (silentUntil <= nowMs) this.kinds.delete(kind);
  }
}
