import type { OpenAPIObject } from '@nestjs/swagger';

import { PROBLEM_TEXTS } from '../../platform/http/problem-texts.js';
import type { Operation } from './operations.js';

/** Where a part of the document is written. */
interface Use {
  readonly operation: Operation;
  readonly part: object;
  /** Writes a reference in its place. */
  readonly refer: (reference: { $ref: string }) => void;
}

interface Example {
  readonly summary: string;
  readonly value: object;
}
interface ProblemResponse {
  description: string;
  readonly headers?: object;
  readonly content: { readonly 'application/problem+json': { examples: Record<string, Example | { $ref: string }> } };
}

const SLUGS = [...PROBLEM_TEXTS.keys()];

/**
 * Moves what several operations have in common into `components`: error responses, their examples, and parameters. Most
 * operations can fail in the same ways, so written out for each, errors were most of the document and of what is
 * generated from it.
 */
export function shareParts(document: OpenAPIObject, operations: readonly Operation[]): void {
  const components = document.components!;
  components.examples = {};
  const problems = operations.flatMap((operation) => problemResponses(operation));
  // A response that a decorator of the class lists is one object, in each of its operations.
  for (const part of new Set(problems.map(({ part }) => part)))
    referToExamples(part as ProblemResponse, components.examples as Record<string, Example>);
  components.responses = share('responses', problems, (part) =>
    Object.keys((part as ProblemResponse).content['application/problem+json'].examples)
      .map(capitalised)
      .join('Or'),
  );
  const parameters = operations.flatMap((operation) =>
    (operation.parameters ?? []).map((part, index) => ({
      operation,
      part,
      refer: (reference: { $ref: string }) => void (operation.parameters![index] = reference),
    })),
  );
  components.parameters = share('parameters', parameters, (part) => capitalised((part as { name: string }).name));
}

function problemResponses(operation: Operation): Use[] {
  return Object.entries(operation.responses).flatMap(([status, part]) =>
    part && 'content' in part && part.content?.['application/problem+json']?.examples
      ? [{ operation, part, refer: (reference) => void (operation.responses[status] = reference) }]
      : [],
  );
}

/** Also puts the problems of a response in the sequence of docs/problems.md, so that the same ones are the same response. */
function referToExamples(response: ProblemResponse, shared: Record<string, Example>): void {
  const media = response.content['application/problem+json'];
  const examples = Object.entries(media.examples as Record<string, Example>).sort(
    ([one], [other]) => SLUGS.indexOf(one) - SLUGS.indexOf(other),
  );
  response.description = examples.map(([slug, { summary }]) => `${summary} (\`${slug}\`)`).join('; ');
  media.examples = {};
  for (const [slug, example] of examples) {
    shared[slug] ??= example;
    media.examples[slug] = { $ref: `#/components/examples/${slug}` };
  }
}

/**
 * @param nameOf the name of a part. Of several parts with one name the most frequent one has it; the others also have that
 *   of their first operation in it
 * @returns the parts that are written more than once, by their names
 */
function share<Part>(kind: string, uses: readonly Use[], nameOf: (part: object) => string): Record<string, Part> {
  const byContent = new Map<string, Use[]>();
  for (const use of uses) {
    const content = JSON.stringify(use.part, sorted);
    byContent.set(content, [...(byContent.get(content) ?? []), use]);
  }
  const repeated = [...byContent.values()]
    .filter(({ length }) => length > 1)
    .sort((one, other) => other.length - one.length);
  const shared: Record<string, Part> = {};
  for (const same of repeated) {
    const [{ part, operation }] = same as [Use];
    const own = nameOf(part);
    const name = own in shared ? capitalised(operation.operationId!) + own : own;
    if (name in shared) throw new Error(`Two shared ${kind} of the OpenAPI document are named ${name}.`);
    shared[name] = part as Part;
    for (const { refer } of same) refer({ $ref: `#/components/${kind}/${name}` });
  }
  return Object.fromEntries(Object.entries(shared).sort(([one], [other]) => (one < other ? -1 : 1)));
}

/** For JSON that is the same whatever the sequence of fields is. */
function sorted(_: string, value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  return Object.fromEntries(Object.entries(value).sort(([one], [other]) => (one < other ? -1 : 1)));
}

/** `missing-key` is `MissingKey`. */
function capitalised(name: string): string {
  return name.replace(/(?:^|-)(\w)/g, (_, letter: string) => letter.toUpperCase());
}
