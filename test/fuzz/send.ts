import { Agent, request } from 'node:http';
import { brotliDecompressSync, gunzipSync } from 'node:zlib';

export interface Sent {
  readonly method: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer | null;
}

export interface Received {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | undefined>>;
  readonly body: Buffer;
}

const TIMEOUT_MS = 30_000;

/** Sends requests over HTTP as they are: nothing tidies their paths and headers up. */
export class Sender {
  readonly #agent = new Agent({ keepAlive: true });
  readonly #endpoint: string;

  /** @param endpoint such as `http://localhost:8080` */
  constructor(endpoint: string) {
    this.#endpoint = endpoint;
  }

  close(): void {
    this.#agent.destroy();
  }

  /** @throws Error when there is no answer */
  send({ method, path, headers, body }: Sent): Promise<Received> {
    const { hostname, port } = new URL(this.#endpoint);
    const length = body === null ? {} : { 'content-length': String(body.length) };
    return new Promise((resolve, reject) => {
      const outgoing = request(
        {
          hostname,
          port,
          method,
          path,
          agent: this.#agent,
          timeout: TIMEOUT_MS,
          headers: { ...headers, ...length },
        },
        async (incoming) => {
          try {
            const chunks: Buffer[] = [];
            for await (const chunk of incoming) chunks.push(Buffer.from(chunk));
            const given = Object.entries(incoming.headers).map(([name, value]) => [name, value?.toString()]);
            const received = { status: incoming.statusCode ?? 0, headers: Object.fromEntries(given) };
            resolve({
              ...received,
              body: unpacked(Buffer.concat(chunks), received.headers['content-encoding']),
            });
          } catch (error) {
            reject(error);
          }
        },
      );
      outgoing.once('error', reject);
      outgoing.once('timeout', () => outgoing.destroy(new Error('There was no answer in time.')));
      outgoing.end(body ?? undefined);
    });
  }
}

function unpacked(body: Buffer, coding: string | undefined): Buffer {
  if (body.length === 0 || coding === undefined) return body;
  return coding === 'br' ? brotliDecompressSync(body) : gunzipSync(body);
}
