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

/** The responses for these problems, which have the same status. */
export function problemResponse(problems: readonly ProblemClass[]) {
  return {
    description: problems.map(({ kind }) => `${kind.title} (\`${kind.slug}\`)`).join('; '),
    content: {
      'application/problem+json': {
        schema: {
          type: 'object' as const,
          required: ['type', 'title', 'status', 'detail'],
          properties: {
            type: { type: 'string' as const },
            title: { type: 'string' as const },
            status: { type: 'integer' as const },
            detail: { type: 'string' as const },
          },
          example: problemDocument(problems[0]!.kind, 'What was found, and what to do.'),
        },
      },
    },
  };
}
