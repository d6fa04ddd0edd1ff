import * as z from 'zod';

/**
 * The id of a request to the API, as its caller saw it. Work that comes of a request carries it, in its job and in all
 * messages, so that one id finds the lines of all functions. Work that nobody asked for has one of its own.
 */
export const requestIdSchema = z.string().regex(/^req_[0-9A-Za-z]{1,64}$/);

/** What work says of its request; nothing where a version wrote it that did not carry ids yet. */
export interface Requested {
  readonly requestId?: string;
}

/** The request of something, and nothing else of it. */
export function requestOf({ requestId }: Requested): Requested {
  return requestId === undefined ? {} : { requestId };
}
