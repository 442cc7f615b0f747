import { OrdersService } from '../src/orders/orders.service.js';
import { startApplication, type AppEnvironment } from './application.js';
import { serveParent } from './child.js';
import { figuresOf } from './latencies.js';
import { newAgentPhone, placedReference } from './world.js';

export interface Assigning {
  /** Of the orders placed, the first so many. */
  readonly orders: number;
  readonly inFlight: number;
}

/** The application without HTTP: puts agents on orders through the service. */
await serveParent<AppEnvironment, Assigning>(async (environment) => {
  const app = await startApplication(environment);
  const service = app.get(OrdersService, { strict: false });
  return {
    ready: {},
    answer: async ({ orders, inFlight }) => {
      const latenciesMs: number[] = [];
      const begunAt = performance.now();
      let next = 0;
      const worker = async () => {
        for (let index = next++; index < orders; index = next++) {
          const sentAt = performance.now();
          await service.assignAgent(placedReference(index), newAgentPhone(index));
          latenciesMs.push(performance.now() - sentAt);
        }
      };
      await Promise.all(Array.from({ length: inFlight }, worker));
      return figuresOf(latenciesMs, (performance.now() - begunAt) / 1000);
    },
    close: () => app.close(),
  };
});
