import { streamOfChanges } from '../api/client';

/** `off`: nobody follows, or the page is hidden. `interrupted`: changes are not told now, so pages must ask. */
export type LiveState = 'off' | 'connecting' | 'live' | 'interrupted';

export interface ChangeMessage {
  readonly type: string;
  /** An order's reference, or a pool's name. */
  readonly subject: string;
}

interface Follower {
  readonly onChange: (change: ChangeMessage) => void;
  /** Called when the stream is open anew: what happened before is not told. */
  readonly onOpen: () => void;
  /** Called before another attempt after a refusal. Rejects, and signs out, if the session has ended. */
  readonly mayTryAgain: () => Promise<unknown>;
}

/** A process that is restarted is replaced within this time, and nothing is missed: nobody needs to hear of it. */
const INTERRUPTED_AFTER_MS = 4_000;
const TRIES_AGAIN_AFTER_MS = 2_000;
const LONGEST_PAUSE_MS = 30_000;

/**
 * The one stream of this tab. The browser connects again by itself, after the last message, unless the server refuses:
 * then we do, with growing pauses. A hidden tab has no stream: browsers allow six connections to a server, for all tabs
 * together.
 */
class Changes {
  state: LiveState = 'off';
  private source: EventSource | null = null;
  private follower: Follower | null = null;
  private timer: number | undefined;
  private doubt: number | undefined;
  private pauseMs = TRIES_AGAIN_AFTER_MS;
  private readonly watchers = new Set<() => void>();

  /** @returns stops it */
  follow(follower: Follower): () => void {
    this.follower = follower;
    document.addEventListener('visibilitychange', this.onVisibility);
    this.onVisibility();
    return () => {
      document.removeEventListener('visibilitychange', this.onVisibility);
      this.follower = null;
      this.disconnect();
    };
  }

  /** For `useSyncExternalStore`. */
  readonly subscribe = (watcher: () => void): (() => void) => {
    this.watchers.add(watcher);
    return () => void this.watchers.delete(watcher);
  };

  private readonly onVisibility = (): void => {
    if (document.hidden) this.disconnect();
    else if (this.source === null) this.connect();
  };

  private connect(): void {
    window.clearTimeout(this.timer);
    if (this.follower === null) return;
    if (this.state === 'off') this.become('connecting');
    let isNew = true;
    const source = streamOfChanges();
    this.source = source;
    source.onopen = () => {
      this.pauseMs = TRIES_AGAIN_AFTER_MS;
      this.become('live');
      if (isNew) this.follower?.onOpen();
      isNew = false;
    };
    source.onmessage = ({ data }: MessageEvent<string>) => this.follower?.onChange(JSON.parse(data) as ChangeMessage);
    source.onerror = () => {
      this.doubt ??= window.setTimeout(() => this.become('interrupted'), INTERRUPTED_AFTER_MS);
      if (source.readyState === EventSource.CLOSED) this.tryLater();
    };
  }

  private tryLater(): void {
    this.source?.close();
    window.clearTimeout(this.timer);
    this.timer = window.setTimeout(() => {
      void this.follower
        ?.mayTryAgain()
        .then(() => this.connect())
        .catch(() => this.tryLater());
    }, this.pauseMs);
    this.pauseMs = Math.min(this.pauseMs * 2, LONGEST_PAUSE_MS);
  }

  private disconnect(): void {
    window.clearTimeout(this.timer);
    this.source?.close();
    this.source = null;
    this.become('off');
  }

  private become(state: LiveState): void {
    window.clearTimeout(this.doubt);
    this.doubt = undefined;
    if (state === this.state) return;
    this.state = state;
    for (const watcher of this.watchers) watcher();
  }
}

export const changes = new Changes();
