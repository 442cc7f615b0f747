import { Problem } from '../../platform/http/problem.js';

const RETRY_SECONDS = 10;

export class StreamUnavailable extends Problem {
  static readonly kind = { slug: 'stream-unavailable', status: 503, title: 'No further stream can be opened here now' };
  constructor(why: { readonly limit: number; readonly of: 'process' | 'key' } | 'stopping') {
    const detail =
      why === 'stopping'
        ? 'The process is about to stop. Connect again: another process serves the stream.'
        : `${why.of === 'key' ? 'The key' : 'The process'} has ${why.limit} open streams, which is the most. Close those that nobody reads, and connect again.`;
    super(StreamUnavailable.kind, detail, { retryAfterSeconds: RETRY_SECONDS });
  }
}
