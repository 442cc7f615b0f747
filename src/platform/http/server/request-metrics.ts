import type { FastifyInstance } from 'fastify';
import { Histogram } from 'prom-client';

import type { Metrics } from '../../observability/metrics.js';
import { isEventStream } from './event-stream.js';

/** The label of requests to paths that do not exist. The path itself may be anything, so it is no label. */
const NO_ROUTE = 'none';

/**
 * Measures every request from its first header to its answer's last byte. Requests that are answered before they are
 * routed, because they are no valid HTTP, are not counted, nor are streams.
 */
export function measureRequests(server: FastifyInstance, { registry }: Metrics): void {
  const seconds = new Histogram({
    name: 'http_request_duration_seconds',
    help: 'Duration of HTTP requests, by method, route (with placeholders in place of values) and status',
    labelNames: ['method', 'route', 'status'],
    buckets: [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10],
    registers: [registry],
  });
  server.addHook('onResponse', (request, reply, done) => {
    if (isEventStream(reply)) return done();
    const { url: route = NO_ROUTE } = request.routeOptions;
    seconds.observe({ method: request.method, route, status: reply.statusCode }, reply.elapsedTime / 1_000);
    done();
  });
}
