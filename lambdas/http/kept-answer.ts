import * as z from 'zod';
import type { ApiResponse } from './exchange.ts';

/** Longest answer that is kept: a record of the store holds 400 KB. */
export const MAX_KEPT_BYTES = 350_000;

const keptSchema = z.strictObject({
  status: z.int(),
  headers: z.record(z.string(), z.string()),
  body: z.discriminatedUnion('kind', [
    z.strictObject({ kind: z.literal('none') }),
    z.strictObject({ kind: z.literal('json'), text: z.string() }),
    z.strictObject({ kind: z.literal('bytes'), base64: z.string() }),
  ]),
});

/** An answer as text, which `answerFrom` makes the same answer of; null when it is too long to be kept. */
export function textOf({ status, headers, body }: ApiResponse): string | null {
  const text = JSON.stringify({ status, headers: { ...headers }, body: keptBody(body) });
  return Buffer.byteLength(text) <= MAX_KEPT_BYTES ? text : null;
}

/** @throws ZodError when the text is none of an answer */
export function answerFrom(text: string): ApiResponse {
  const { status, headers, body } = keptSchema.parse(JSON.parse(text));
  if (body.kind === 'none') return { status, headers };
  return {
    status,
    headers,
    body: body.kind === 'json' ? JSON.parse(body.text) : Buffer.from(body.base64, 'base64'),
  };
}

function keptBody(body: unknown) {
  if (body === undefined) return { kind: 'none' };
  if (body instanceof Uint8Array) return { kind: 'bytes', base64: Buffer.from(body).toString('base64') };
  return { kind: 'json', text: JSON.stringify(body) };
}
