import type { Flow } from './flow.js';
import type { OwnedNumber } from '../network/inventory.js';

/** The flows that exist, by id. A number leads to one by its voice URL, in the older or the newer form. */
export class Flows {
  private readonly flows = new Map<string, Flow>();

  put(flow: Flow): void {
    this.flows.set(flow.id, flow);
  }

  reachedBy(number: OwnedNumber): Flow | null {
    const [, id] = /\/exoml\/(?:start_voice|start)\/([^/?#]+)\/?$/.exec(number.voiceUrl ?? '') ?? [];
    return this.flows.get(id ?? '') ?? null;
  }

  /** Where callbacks of the app are: what a transcript must not spell out. */
  hooks(): string[] {
    return [...this.flows.values()].flatMap(({ hooks, fallbackHooks }) => [
      hooks,
      ...(fallbackHooks ? [fallbackHooks] : []),
    ]);
  }
}
