import { applyDecorators } from '@nestjs/common';
import { ApiResponse } from '@nestjs/swagger';

import { problemDocument, type ProblemClass } from './problem.js';

/**
 * Lists the problems that a request can be answered with in the OpenAPI document; those of one status share an entry.
 */
export function ApiProblem(...problems: ProblemClass[]): MethodDecorator & ClassDecorator {
  const statuses = [...new Set(problems.map((problem) => problem.kind.status))];
  return applyDecorators(
    ...statuses.map((status) => {
      const kinds = problems.filter((problem) => problem.kind.status === status);
      return ApiResponse({ status, ...problemResponse(kinds) });
    }),
  );
}

/** The schema `Problem` of the OpenAPI document. */
export const PROBLEM_SCHEMA = {
  type: 'object' as const,
  description: 'RFC 9457. Some problems have more fields, for example the `field` of the request that is wrong.',
  required: ['type', 'title', 'status', 'detail'],
  additionalProperties: true,
  properties: {
    type: { type: 'string' as const, example: '/problems/order-not-found', description: 'Decide by this' },
    title: { type: 'string' as const, example: 'No order has this reference' },
    status: { type: 'integer' as const, example: 404, description: 'The HTTP status' },
    detail: {
      type: 'string' as const,
      description: 'What was found, and what to do',
      example: 'Place the order first.',
    },
  },
};

/** The responses for these problems, which have the same status. */
export function problemResponse(problems: readonly ProblemClass[]) {
  return {
    description: problems.map(({ kind }) => `${kind.title} (\`${kind.slug}\`)`).join('; '),
    content: {
      'application/problem+json': {
        schema: {
          allOf: [{ $ref: '#/components/schemas/Problem' }],
          example: problemDocument(problems[0]!.kind, 'What was found, and what to do.'),
        },
      },
    },
  };
}
