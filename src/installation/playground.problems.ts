import { Problem } from '../platform/http/problem.js';

export class ExchangeUnavailable extends Problem {
  static readonly kind = { slug: 'exchange-unavailable', status: 503, title: 'The exchange does not answer' };
  constructor() {
    super(ExchangeUnavailable.kind, 'The simulated provider does not answer. It starts and stops with Maskline.');
  }
}
