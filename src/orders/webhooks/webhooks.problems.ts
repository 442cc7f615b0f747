import { Problem } from '../../platform/http/problem.js';

export class WebhookEndpointNotFound extends Problem {
  static readonly kind = { slug: 'webhook-endpoint-not-found', status: 404, title: 'No such webhook endpoint' };
  constructor() {
    super(WebhookEndpointNotFound.kind, 'No webhook endpoint has this id. GET /v1/webhook-endpoints lists all.');
  }
}

export class WebhookUrlNotAllowed extends Problem {
  static readonly kind = {
    slug: 'webhook-url-not-allowed',
    status: 422,
    title: 'The URL leads to an address that is not public',
  };
  constructor() {
    super(
      WebhookUrlNotAllowed.kind,
      'The host of url is, or resolves to, a private, loopback or reserved address. Use a public one, or let the operator add its network to the setting WEBHOOK_NETWORKS, for a receiver on this machine 127.0.0.0/8.',
      { field: 'url' },
    );
  }
}

export class TooManyWebhookEndpoints extends Problem {
  static readonly kind = {
    slug: 'too-many-webhook-endpoints',
    status: 409,
    title: 'There are too many webhook endpoints',
  };
  constructor(most: number) {
    super(TooManyWebhookEndpoints.kind, `There can be ${most} webhook endpoints. Delete one that is not used.`, {
      most,
    });
  }
}
