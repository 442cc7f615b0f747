import { Problem } from '../../platform/http/problem.js';

export class EventUnusable extends Problem {
  static readonly kind = { slug: 'unusable-event', status: 422, title: 'The event cannot be applied to an order' };
  /** @param field of the event, as in `data.reference`; null = the event itself */
  constructor(field: string | null, why: string) {
    super(
      EventUnusable.kind,
      `${why}. Correct the event and send it again; nothing was stored.`,
      field === null ? {} : { field },
    );
  }
}
