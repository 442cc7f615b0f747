import { applyDecorators } from '@nestjs/common';
import { ApiResponse } from '@nestjs/swagger';

import { problemDocument, type ProblemClass } from './problem.js';
import { PROBLEM_TEXTS } from './problem-texts.js';

/**
 * Lists the problems that a request can be answered with in the OpenAPI document; those of one status share an entry.
 */
export function ApiProblem(...problems: ProblemClass[]): MethodDecorator & ClassDecorator {
  return applyDecorators(
    ...byStatus(problems).map(([status, kinds]) => ApiResponse({ status, ...problemResponse(kinds) })),
  );
}

/** The schema `Problem` of the OpenAPI document. */
export const PROBLEM_SCHEMA = {
  type: 'object' as const,
  description:
    'RFC 9457. `type` is the path of a page about the problem. Some problems have more fields, for example the `field` of the request that is wrong.',
  required: ['type', 'title', 'status', 'detail'],
  additionalProperties: true,
  properties: {
    type: {
      type: 'string' as const,
      enum: [...PROBLEM_TEXTS.keys()].map((slug) => `/problems/${slug}`),
      example: '/problems/order-not-found',
      description: 'Decide by this',
    },
    title: { type: 'string' as const, example: 'No order has this reference' },
    status: { type: 'integer' as const, example: 404, description: 'The HTTP status' },
    detail: {
      type: 'string' as const,
      description: 'What was found, and what to do',
      example: 'Place the order first.',
    },
  },
};

/** The problems by status. */
export function byStatus(problems: readonly ProblemClass[]): [status: number, kinds: ProblemClass[]][] {
  const statuses = [...new Set(problems.map(({ kind }) => kind.status))];
  return statuses.map((status) => [status, problems.filter(({ kind }) => kind.status === status)]);
}

/** The responses for these problems, which have the same status: an example for each. */
export function problemResponse(problems: readonly ProblemClass[]) {
  const examples = problems.map(({ kind }): [string, { summary: string; value: object }] => [
    kind.slug,
    { summary: kind.title, value: problemDocument(kind, PROBLEM_TEXTS.get(kind.slug)?.whatToDo ?? kind.title) },
  ]);
  return {
    description: problems.map(({ kind }) => `${kind.title} (\`${kind.slug}\`)`).join('; '),
    content: {
      'application/problem+json': {
        schema: { $ref: '#/components/schemas/Problem' },
        examples: Object.fromEntries(examples),
      },
    },
  };
}
