import type { ProblemCode } from '../contracts/problems.ts';

/** A field of a request that is not valid: where (a JSON pointer into the body, or the name of a parameter) and why. */
export interface FieldError {
  readonly pointer: string;
  readonly detail: string;
}

export interface ProblemOptions extends ErrorOptions {
  /** Instead of the general remedy of the code, when more is known. */
  readonly remedy?: string | null;
  readonly headers?: Readonly<Record<string, string>>;
  readonly errors?: readonly FieldError[];
  /** Instead of the page about the code, for a type that others have registered. */
  readonly type?: string;
  /** Further members of the document (RFC 9457, section 3.2). */
  readonly members?: Readonly<Record<string, unknown>>;
}

/** A refusal of the API: thrown by verbs and middlewares, answered as `application/problem+json` (RFC 9457). */
export class Problem extends Error {
  readonly code: ProblemCode;
  readonly options: ProblemOptions;

  /** @param detail what happened, for a person; it is shown to the caller */
  constructor(code: ProblemCode, detail: string, options: ProblemOptions = {}) {
    super(detail, options);
    this.name = 'Problem';
    this.code = code;
    this.options = options;
  }
}
