const SILENCE_MS = 60_000;
const MOST_KEYS = 1_000;

/**
 * For lines that strangers can bring about: each kind is logged once a minute at most, with the number of times it
 * happened since, so that a storm of requests becomes no storm of lines.
 */
export class LogThrottle {
  private readonly kinds = new Map<string, { readonly silentUntil: number; unlogged: number }>();

  /** How often this happened since it was last logged, with this time; null when it is not to be logged now. */
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
