import type { Route, Scope } from '../contracts/routes.ts';

/** Who asks, as the authorizer found out. */
export interface Caller {
  readonly tenant: string;
  readonly tokenId: string;
  readonly scopes: readonly Exclude<Scope, 'none'>[];
  /** Requests a minute that the token may make. */
  readonly requestsPerMinute: number;
}

/** A request as a verb sees it: who asks, and the parts of the request, each still to be parsed by its schema. */
export interface ApiRequest {
  /** What was called: method, template of the path, scope, name of the operation. */
  readonly route: Route;
  /** Null on routes that need no token. */
  readonly caller: Caller | null;
  /** `req_` and a ULID; in the answer, in every log line, in errors. */
  readonly requestId: string;
  /** Path as it was called, stage prefix included: what links are built from. */
  readonly path: string;
  readonly parameters: Readonly<Record<string, string>>;
  readonly query: Readonly<Record<string, readonly string[]>>;
  /** By lower-case name; of repeated ones the last. */
  readonly headers: Readonly<Record<string, string>>;
  /** Empty when there is none. */
  readonly body: Uint8Array;
  /** Milliseconds since the epoch by which an answer has to be on its way. */
  readonly deadline: number;
}

/** What a verb answers. Identification, compression, caching headers and rate headers are added on the way out. */
export interface ApiResponse {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  /** A value becomes JSON; bytes and text go out as they are, with a content type among the headers. */
  readonly body?: unknown;
  /** The bytes of the body are packed already: they are sent so to whoever takes that, and unpacked to others. */
  readonly packed?: 'gzip';
  /** The job that was made or acted upon, for the log: by it the line of a request leads to the lines of its work. */
  readonly jobId?: string;
  /**
   * What the same request gets when it is sent again under its idempotency key: this answer, if nothing is said; the work
   * once more, where that gives the same; or this answer with another body, for one that shows a secret once.
   */
  readonly replay?: 'answer' | 'repeat' | { readonly body: unknown };
}

/** Answers a request, or throws: `Problem` and `AnalysisError` are answered as what they say, others as `internal`. */
export type Answer = (request: ApiRequest) => Promise<ApiResponse>;

/**
 * What goes around the answer to an authorized request. `next` never rejects: errors of the verb are answers by then
 * (`application/problem+json`). What a middleware throws itself (`Problem`) is answered as well.
 */
export type Middleware = (request: ApiRequest, next: Answer) => Promise<ApiResponse>;
