import { createHash, randomUUID } from 'node:crypto';

import { ROOT_CONTEXT, SpanKind, SpanStatusCode, trace, type Context, type Span as OtelSpan } from '@opentelemetry/api';
import { ExportResultCode, parseTraceParent } from '@opentelemetry/core';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http';
import { detectResources, envDetector, resourceFromAttributes } from '@opentelemetry/resources';
import {
  BasicTracerProvider,
  BatchSpanProcessor,
  RandomIdGenerator,
  type IdGenerator,
  type SpanExporter,
} from '@opentelemetry/sdk-trace-base';

import type { Attributes, Span, SpanOptions } from './span.js';
import type { Tracer } from './tracing.js';
import { VERSION } from './version.js';

const KINDS = {
  internal: SpanKind.INTERNAL,
  server: SpanKind.SERVER,
  client: SpanKind.CLIENT,
  consumer: SpanKind.CONSUMER,
} as const;

export interface OpenTelemetry {
  readonly tracer: Tracer;
  /** Sends what is left. */
  stop(): Promise<void>;
}

/**
 * Sends spans to an OpenTelemetry collector, by OTLP over HTTP. The SDK reads the other `OTEL_…` variables itself:
 * headers, sampling, the name of the service. This file is loaded only if traces are on, because the SDK takes time and
 * memory.
 *
 * @param endpoint the collector's address, for example `http://collector:4318`
 * @param lost is told that spans could not be sent. They are not sent again.
 */
export function openTelemetry(endpoint: string, role: string, lost: (failure: Error) => void): OpenTelemetry {
  const usual = resourceFromAttributes({
    'service.name': 'maskline',
    'service.version': VERSION,
    'service.instance.id': randomUUID(),
    'maskline.role': role,
  });
  const exporter = new OTLPTraceExporter({ url: `${endpoint.replace(/\/+$/, '')}/v1/traces` });
  const ids = new SharedTraceIds();
  const provider = new BasicTracerProvider({
    resource: usual.merge(detectResources({ detectors: [envDetector] })),
    idGenerator: ids,
    spanProcessors: [new BatchSpanProcessor(reporting(exporter, lost))],
  });
  const tracer = provider.getTracer('maskline', VERSION);
  return {
    tracer: {
      start(name, options, parent) {
        const { trace: shared, kind = 'internal', attributes, startedAt: startTime } = options;
        const traceId = shared === undefined ? null : traceIdOf(shared);
        const isElsewhere = traceId !== null && parent?.traceId !== traceId;
        const about = { kind: KINDS[kind], attributes: { ...attributes }, startTime };
        if (!isElsewhere) return new OpenSpan(tracer.startSpan(name, about, contextOf(options, parent)));
        const links = parent === null ? [] : [{ context: (parent as OpenSpan).span.spanContext() }];
        return ids.within(
          traceId,
          () => new OpenSpan(tracer.startSpan(name, { ...about, links, root: true }, ROOT_CONTEXT)),
        );
      },
    },
    stop: async () => provider.shutdown(),
  };
}

class OpenSpan implements Span {
  constructor(readonly span: OtelSpan) {}

  get traceId(): string {
    return this.span.spanContext().traceId;
  }

  get asCause(): string {
    const { traceId, spanId, traceFlags } = this.span.spanContext();
    return `00-${traceId}-${spanId}-0${traceFlags & 1}`;
  }

  set(attributes: Attributes): void {
    this.span.setAttributes({ ...attributes });
  }

  fail(kind: string): void {
    this.span.setAttribute('error.type', kind).setStatus({ code: SpanStatusCode.ERROR });
  }

  end(): void {
    this.span.end();
  }
}

function contextOf({ cause }: SpanOptions, parent: Span | null): Context {
  if (parent !== null) return trace.setSpan(ROOT_CONTEXT, (parent as OpenSpan).span);
  const remote = cause === undefined ? null : parseTraceParent(cause);
  return remote === null ? ROOT_CONTEXT : trace.setSpanContext(ROOT_CONTEXT, { ...remote, isRemote: true });
}

/**
 * The trace of everything that happens under one name, in any process and after any time. Computed from the name, so
 * that no process has to store it for another.
 */
function traceIdOf(name: string): string {
  return createHash('sha256').update(name).digest('hex').slice(0, 32);
}

/** Random ids, except for spans that begin in a given trace. */
class SharedTraceIds implements IdGenerator {
  private readonly random = new RandomIdGenerator();
  private traceId: string | null = null;

  generateTraceId = (): string => this.traceId ?? this.random.generateTraceId();
  generateSpanId = (): string => this.random.generateSpanId();

  within<Result>(traceId: string, start: () => Result): Result {
    this.traceId = traceId;
    try {
      return start();
    } finally {
      this.traceId = null;
    }
  }
}

/** The SDK tells nobody that a collector does not answer. */
function reporting(exporter: SpanExporter, lost: (failure: Error) => void): SpanExporter {
  return {
    export: (spans, done) =>
      exporter.export(spans, (result) => {
        if (result.code !== ExportResultCode.SUCCESS) lost(result.error ?? new Error('The collector refused them.'));
        done(result);
      }),
    shutdown: async () => exporter.shutdown(),
    forceFlush: async () => exporter.forceFlush?.(),
  };
}
