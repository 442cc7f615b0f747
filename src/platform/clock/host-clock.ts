import { readFileSync } from 'node:fs';
import { uptime } from 'node:os';

import { SystemClock, type Clock } from './clock.js';

/** An instant by two clocks of a host, so that a clock that is set back cannot hide how long ago it was. */
export interface HostInstant {
  /** Milliseconds since 1970. Settable, but survives a reboot. */
  readonly wallMs: number;
  /** Milliseconds since the host started, including the time it was suspended. */
  readonly bootMs: number;
  /** Names the run of the host to which `bootMs` belongs; null = unknown. */
  readonly bootId: string | null;
}

const LOOKS_EVERY_MS = 1_000;

/** The clocks of a host, which all its processes share. */
export class HostClock {
  private readonly bootId = readBootId();
  private lookedAt = -Infinity;
  private bootedBeforeMs = 0;

  /** @param clock the settable one */
  constructor(private readonly clock: Clock = new SystemClock()) {}

  now(): HostInstant {
    return { wallMs: this.clock.now().getTime(), bootMs: this.sinceBootMs(), bootId: this.bootId };
  }

  /**
   * Milliseconds since an instant, by the clock that shows more. Null if no clock shows that the instant has passed:
   * after a reboot only the settable clock is left, and it was set back.
   */
  sinceMs(instant: HostInstant): number | null {
    const now = this.now();
    const byWallMs = now.wallMs - instant.wallMs;
    const isSameBoot = now.bootId !== null && now.bootId === instant.bootId;
    const ageMs = isSameBoot ? Math.max(byWallMs, now.bootMs - instant.bootMs) : byWallMs;
    return ageMs >= 0 ? ageMs : null;
  }

  /** Node's own clock stands still while the host is suspended. The host's takes longer to read. */
  private sinceBootMs(): number {
    const now = performance.now();
    if (now - this.lookedAt > LOOKS_EVERY_MS) {
      this.lookedAt = now;
      this.bootedBeforeMs = uptime() * 1_000 - now;
    }
    return this.bootedBeforeMs + now;
  }
}

function readBootId(): string | null {
  try {
    return readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
  } catch {
    return null; // not Linux
  }
}
