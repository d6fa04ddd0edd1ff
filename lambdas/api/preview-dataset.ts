import * as z from 'zod';
import { MAX_PREVIEW_BYTES, mappingSchema, previewDatasetQuery } from '../contracts/api/datasets.ts';
import { PROBLEMS } from '../contracts/problems.ts';
import { previewCsv } from '../domain/csv/preview.ts';
import type { ApiRequest, ApiResponse } from '../http/exchange.ts';
import { parseQuery } from '../http/input.ts';
import { Problem } from '../http/problem.ts';
import { hintsOf } from './hints.ts';

/** How the head of a file would be read, before all of it travels: the body is its first 64 KB, as they are. */
export async function previewDataset(request: ApiRequest): Promise<ApiResponse> {
  const { mapping, bytes, ...hints } = parseQuery(previewDatasetQuery, request);
  const { body } = request;
  if (body.length > MAX_PREVIEW_BYTES) {
    const detail = `The body has ${body.length} bytes; a preview is made of the first ${MAX_PREVIEW_BYTES}.`;
    throw new Problem('dataset_too_large', detail, { remedy: 'Send less of the file.' });
  }
  const given = { ...hints, ...(mapping !== undefined && { mapping: parseMapping(mapping) }) };
  const isWhole = bytes === undefined ? body.length < MAX_PREVIEW_BYTES : body.length >= bytes;
  const { refusal, counts, ...preview } = await previewCsv(body, isWhole, hintsOf(given));
  return {
    status: 200,
    body: {
      ...preview,
      counts:
        counts === null ? null : { read: counts.read, rejected: counts.rejected, reasons: counts.reasons },
      rejects: counts?.samples ?? [],
      problems:
        refusal === null
          ? []
          : [
              {
                code: refusal.code,
                title: PROBLEMS[refusal.code].title,
                detail: refusal.message,
                remedy: refusal.remedy ?? PROBLEMS[refusal.code].remedy,
              },
            ],
    },
  };
}

/** A mapping that travels as JSON in one query parameter. @throws Problem `invalid_request` */
function parseMapping(text: string): z.infer<typeof mappingSchema> {
  const parsed = mappingSchema.safeParse(jsonOf(text));
  if (parsed.success) return parsed.data;
  const detail = z.prettifyError(parsed.error);
  throw new Problem('invalid_request', `The mapping is not valid: ${detail}`, {
    errors: [{ pointer: '?mapping', detail }],
  });
}

/** The value of a JSON text; undefined, which no schema takes, when it is none. */
function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
