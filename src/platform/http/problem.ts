/** The constant parts of a problem: its slug in docs/problems.md, the HTTP status, and a title. */
export interface ProblemKind {
  readonly slug: string;
  readonly status: number;
  readonly title: string;
}

/**
 * A failure that a client can expect and act on. The problem filter renders it as RFC 9457. The detail says what was
 * found and what to do; it never quotes a participant's number.
 */
export abstract class Problem extends Error {
  protected constructor(
    readonly kind: ProblemKind,
    readonly detail: string,
    readonly facts: Readonly<Record<string, unknown>> = {},
    /** Headers of the answer. */
    readonly headers: Readonly<Record<string, string>> = {},
  ) {
    super(detail);
  }
}

/** A problem class, as `@ApiProblem` takes it. */
export interface ProblemClass {
  readonly kind: ProblemKind;
}

/** RFC 9457. */
export interface ProblemDocument {
  readonly type: string;
  readonly title: string;
  readonly status: number;
  readonly detail: string;
  readonly [fact: string]: unknown;
}

export function problemDocument(kind: ProblemKind, detail: string, facts: object = {}): ProblemDocument {
  return { type: `/problems/${kind.slug}`, title: kind.title, status: kind.status, detail, ...facts };
}
