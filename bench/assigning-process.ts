import { ParticipantChangesService } from '../src/orders/participants/participant-changes.service.js';
import { startApplication, type AppEnvironment } from './application.js';
import { serveParent } from './child.js';
import { figuresOf, type Figures } from './latencies.js';
import { newAgentPhone, parcelReference, placedReference, type PoolKind, type WorldSize } from './world.js';

export interface Assigning {
  readonly size: WorldSize;
  readonly pool: PoolKind;
  /** Whether the orders are parcels, whose courier is linked to two people. */
  readonly parcels?: boolean;
  /** The number of orders to assign, from the first placed one on. */
  readonly orders: number;
  readonly inFlight: number;
  /** Stop after this time, even if orders are left. */
  readonly seconds?: number;
}

export interface Assigned extends Figures {
  /** The same for each whole second. */
  readonly windows: readonly Figures[];
}

/** The application without HTTP: assigns agents and couriers to orders through the service. */
await serveParent<AppEnvironment, Assigning>(async (environment) => {
  const app = await startApplication(environment);
  const service = app.get(ParticipantChangesService, { strict: false });
  return {
    ready: {},
    answer: async ({ size, pool, parcels = false, orders, inFlight, seconds = Infinity }): Promise<Assigned> => {
      const latenciesMs: number[][] = [];
      const begunAt = performance.now();
      let next = 0;
      const worker = async () => {
        for (let index = next++; index < orders; index = next++) {
          const sentAt = performance.now();
          if (sentAt - begunAt > seconds * 1000) return;
          if (parcels) await service.put(parcelReference(size, pool, index), 'courier', newAgentPhone(index));
          else await service.put(placedReference(size, pool, index), 'agent', newAgentPhone(index));
          const doneAt = performance.now();
          (latenciesMs[Math.floor((doneAt - begunAt) / 1000)] ??= []).push(doneAt - sentAt);
        }
      };
      await Promise.all(Array.from({ length: inFlight }, worker));
      const tookSeconds = (performance.now() - begunAt) / 1000;
      const windows = Array.from(latenciesMs, (ofSecond) => ofSecond ?? []);
      return {
        ...figuresOf(windows.flat(), tookSeconds),
        windows: windows.slice(0, Math.floor(tookSeconds)).map((ofSecond) => figuresOf(ofSecond, 1)),
      };
    },
    close: () => app.close(),
  };
});
