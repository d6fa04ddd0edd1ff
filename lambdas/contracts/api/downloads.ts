import * as z from 'zod';
import { time } from './common.ts';

/** Bytes of a file that is answered itself, at most; a longer one is fetched from where it lies. */
export const MAX_INLINE_BYTES = 1 << 22;

export const downloadQuery = z.strictObject({
  delivery: z
    .literal('link')
    .exactOptional()
    .describe('a link instead of the file: for clients that would send their token along to a redirect'),
});

export const downloadLinkSchema = z
  .strictObject({
    url: z.url().describe('fetches the file, without a token'),
    expiresAt: time,
    bytes: z.int().min(0),
    contentType: z.string(),
  })
  .meta({ id: 'DownloadLink' });
