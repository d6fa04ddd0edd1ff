import * as z from 'zod';
import type { ApiRequest } from './exchange.ts';
import { type FieldError, Problem } from './problem.ts';

/** Longest list of wrong fields that is answered. */
const MAX_ERRORS = 20;
const utf8 = new TextDecoder('utf-8', { fatal: true });

/**
 * The body of a request as its schema says; of an empty one the schema gets an empty object.
 *
 * @throws Problem `invalid_request` naming every field that is wrong by its JSON pointer
 */
export function parseBody<T extends z.ZodType>(schema: T, { body }: Pick<ApiRequest, 'body'>): z.output<T> {
  const parsed = schema.safeParse(jsonOf(body));
  if (parsed.success) return parsed.data;
  throw refused('The body', fieldErrors(parsed.error, pointerOf));
}

/**
 * The query parameters as their schema says: lists where it wants arrays, otherwise one value each.
 *
 * @throws Problem `invalid_request` naming every parameter that is wrong, unknown or repeated
 */
export function parseQuery<T extends z.ZodObject>(
  schema: T,
  { query }: Pick<ApiRequest, 'query'>,
): z.output<T> {
  const values = Object.entries(query).map(([name, given]) => [
    name,
    given.length === 1 && !isList(schema.shape[name]) ? given[0] : given,
  ]);
  const parsed = schema.safeParse(Object.fromEntries(values));
  if (parsed.success) return parsed.data;
  throw refused(
    'The query',
    fieldErrors(parsed.error, ([name]) => `?${String(name ?? '')}`),
  );
}

function isList(schema: unknown): boolean {
  if (
    schema instanceof z.ZodOptional ||
    schema instanceof z.ZodExactOptional ||
    schema instanceof z.ZodDefault
  )
    return isList(schema.unwrap());
  return schema instanceof z.ZodArray;
}

function jsonOf(body: Uint8Array): unknown {
  if (body.length === 0) return {};
  try {
    return JSON.parse(utf8.decode(body));
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new Problem('invalid_request', `The body is not JSON: ${reason}.`, { cause: error });
  }
}

function refused(what: string, errors: FieldError[]): Problem {
  const [first] = errors;
  const detail =
    first === undefined ? 'is not valid' : `is not valid at ${first.pointer || 'its root'}: ${first.detail}`;
  return new Problem('invalid_request', `${what} ${detail}.`, { errors: errors.slice(0, MAX_ERRORS) });
}

function fieldErrors(error: z.ZodError, place: (path: readonly PropertyKey[]) => string): FieldError[] {
  return error.issues.flatMap((issue) => {
    if (issue.code !== 'unrecognized_keys') return [{ pointer: place(issue.path), detail: issue.message }];
    return issue.keys.map((key) => ({ pointer: place([...issue.path, key]), detail: 'unknown' }));
  });
}

/** A path as JSON pointer (RFC 6901). */
function pointerOf(path: readonly PropertyKey[]): string {
  return path.map((key) => `/${String(key).replaceAll('~', '~0').replaceAll('/', '~1')}`).join('');
}
