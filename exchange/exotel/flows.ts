import type { Flow } from './flow.js';
import type { OwnedNumber } from '../network/inventory.js';

/** The call flows, by id. The voice URL of a number names its flow, in the older or the newer form. */
export class Flows {
  private readonly flows = new Map<string, Flow>();

  put(flow: Flow): void {
    this.flows.set(flow.id, flow);
  }

  reachedBy(number: OwnedNumber): Flow | null {
    const [, id] = /\/exoml\/(?:start_voice|start)\/([^/?#]+)\/?$/.exec(number.voiceUrl ?? '') ?? [];
    return this.flows.get(id ?? '') ?? null;
  }

  /** The URLs of the app's callbacks, which a transcript must not show in full. */
  hooks(): string[] {
    return [...this.flows.values()].flatMap(({ hooks, fallbackHooks }) => [
      hooks,
      ...(fallbackHooks ? [fallbackHooks] : []),
    ]);
  }
}
