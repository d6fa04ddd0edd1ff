import type { ApiClient } from '../ports/api-client.ts';

/** API Gateway answers within 29 s, whatever happens. */
const TIMEOUT_MS = 30_000;
/** `fetch` says itself how long a body is. */
const CONTENT_LENGTH = 'content-length';

/** The API at an address, over HTTP. @param secret of the token that calls are made with */
export function createFetchApiClient(baseUrl: string, secret: string): ApiClient {
  return {
    async call(method, path, { body, prefer } = {}) {
      const answer = await fetch(new URL(path.slice(1), baseUrl), {
        method,
        redirect: 'error',
        signal: AbortSignal.timeout(TIMEOUT_MS),
        headers: {
          authorization: `Bearer ${secret}`,
          ...(body !== undefined && { 'content-type': 'application/json' }),
          ...(prefer !== undefined && { prefer }),
        },
        ...(body !== undefined && { body: JSON.stringify(body) }),
      });
      const text = await answer.text();
      return { status: answer.status, json: jsonOf(text), requestId: answer.headers.get('request-id') };
    },
    async send(url, headers, body) {
      const own = Object.entries(headers).filter(([name]) => name.toLowerCase() !== CONTENT_LENGTH);
      const answer = await fetch(url, {
        method: 'PUT',
        signal: AbortSignal.timeout(TIMEOUT_MS),
        headers: Object.fromEntries(own),
        // A view of another type than `fetch` takes bytes in.
        body: Buffer.from(body),
      });
      await answer.body?.cancel();
      return answer.status;
    },
  };
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
