/** Headers of answers that a page of another origin may read. */
const EXPOSED = ['ETag', 'Link', 'Location', 'RateLimit', 'RateLimit-Policy', 'Request-Id', 'Retry-After'];

/**
 * What lets pages of the given origins read an answer (Fetch standard, CORS protocol).
 *
 * @param origins who may; empty lets nobody, and then there are no headers at all
 */
export function corsHeaders(origins: readonly string[], origin: string | undefined): Record<string, string> {
  if (origins.length === 0) return {};
  if (origin === undefined || !origins.includes(origin)) return { Vary: 'Origin' };
  return {
    Vary: 'Origin',
    'Access-Control-Allow-Origin': origin,
    'Access-Control-Expose-Headers': EXPOSED.join(', '),
  };
}
