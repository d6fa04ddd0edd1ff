import * as z from 'zod';

export const time = z.iso.datetime({ precision: 3 });

/** Entries that a page may have, where a list does not say otherwise. */
export const MAX_PAGE = 200;

/** The query parameters of every list. @param most entries that a page may have */
export function pageQuery(most = MAX_PAGE) {
  return {
    limit: z.coerce.number().int().min(1).max(most).default(50).describe('entries on a page'),
    cursor: z.string().min(1).max(2048).exactOptional().describe('`page.next` of the page before'),
  };
}

/** A page of a list. */
export function pageOf<T extends z.ZodType>(entry: T) {
  return z.strictObject({
    data: z.array(entry),
    page: z.strictObject({
      next: z.string().nullable().describe('cursor of the next page; null on the last'),
      total: z.int().min(0).nullable().describe('entries on all pages; null where nobody counted'),
    }),
  });
}

/** A problem document (RFC 9457). */
export const problemSchema = z
  .looseObject({
    type: z.string(),
    title: z.string(),
    status: z.int().min(400).max(599),
    code: z.string(),
    detail: z.string(),
    remedy: z.string().describe('what helps'),
    retryable: z.boolean().describe('whether the same request can succeed later'),
    requestId: z.string(),
    errors: z
      .array(z.strictObject({ pointer: z.string(), detail: z.string() }))
      .exactOptional()
      .describe('the fields that are wrong: JSON pointers into the body, or ?name of a query parameter'),
  })
  .meta({ id: 'Problem' });
