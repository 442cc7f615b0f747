import type { OpenAPIObject } from '@nestjs/swagger';

interface Header {
  readonly description: string;
  readonly schema: { readonly type: 'string' | 'integer' };
  readonly example: string | number;
}

/** The headers of answers, by their names in `components`. */
const HEADERS: Readonly<Record<string, Header & { readonly name: string }>> = {
  RequestId: {
    name: 'X-Request-Id',
    description: 'The id of the request: the one that it had, or a new one. It is in every log line of the request.',
    schema: { type: 'string' },
    example: '0b8f0a3e-6c1d-4f3a-9a51-0d6f2f1c7e55',
  },
  Location: {
    name: 'Location',
    description: 'Where what was created can be read',
    schema: { type: 'string' },
    example: '/v1/orders/order-1001',
  },
  RetryAfter: {
    name: 'Retry-After',
    description: 'After how many seconds to try again, if that is known',
    schema: { type: 'integer' },
    example: 5,
  },
  IdempotencyReplayed: {
    name: 'Idempotency-Replayed',
    description: '`true`: this is the stored answer to the first request with the same Idempotency-Key',
    schema: { type: 'string' },
    example: 'true',
  },
  Authenticate: {
    name: 'WWW-Authenticate',
    description: 'How requests are authenticated (RFC 6750)',
    schema: { type: 'string' },
    example: 'Bearer',
  },
  Accept: {
    name: 'Accept',
    description: 'The types of bodies that the endpoint reads',
    schema: { type: 'string' },
    example: 'application/json',
  },
};

/** Operations that create one thing, which `Location` names. */
const CREATING = ['placeOrder', 'openPool', 'orderCall'];

/**
 * The headers of an operation's answer with this status, as references into `components`.
 *
 * @param isKeyed whether its requests may have an Idempotency-Key
 */
export function headersOf(
  operationId: string | undefined,
  status: string,
  isKeyed: boolean,
): Record<string, { $ref: string }> {
  const names = [
    'RequestId',
    ...(status === '201' && CREATING.includes(operationId ?? '') ? ['Location'] : []),
    ...(isKeyed && status.startsWith('2') ? ['IdempotencyReplayed'] : []),
    ...(status === '401' ? ['Authenticate'] : []),
    ...(status === '415' ? ['Accept'] : []),
    ...(status === '429' || status === '503' || (isKeyed && status === '409') ? ['RetryAfter'] : []),
  ];
  return Object.fromEntries(names.map((name) => [HEADERS[name]!.name, { $ref: `#/components/headers/${name}` }]));
}

export function describeHeaders({ components }: OpenAPIObject): void {
  components!.headers = Object.fromEntries(
    Object.entries(HEADERS).map(([key, { name: _, ...header }]) => [key, header]),
  );
}
