import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { z } from 'zod';
import { listenOnLoopback } from '../listen.ts';

const responseSchema = z.looseObject({
  Status: z.enum(['SUCCESS', 'FAILED']),
  Reason: z.string().optional(),
  PhysicalResourceId: z.string().optional(),
});

/** What a function says became of its custom resource. */
export type CustomResourceResponse = z.infer<typeof responseSchema>;

/** Where functions put the responses of custom resources. */
export class ResponseInbox {
  readonly #endpoint: string;
  readonly #expected = new Map<string, (response: CustomResourceResponse) => void>();
  readonly close: () => void;

  private constructor(endpoint: string, close: () => void) {
    this.#endpoint = endpoint;
    this.close = close;
  }

  static async listen(): Promise<ResponseInbox> {
    const server = createServer((request, response) => void inbox.#take(request, response));
    const port = await listenOnLoopback(server, 0);
    const inbox = new ResponseInbox(`http://127.0.0.1:${port}`, () => {
      server.close();
      server.closeAllConnections();
    });
    return inbox;
  }

  urlOf(requestId: string): string {
    return `${this.#endpoint}/${requestId}`;
  }

  expect(requestId: string): Promise<CustomResourceResponse> {
    return new Promise((resolve) => this.#expected.set(requestId, resolve));
  }

  async #take(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(Buffer.from(chunk));
    const settle = this.#expected.get((request.url ?? '').slice(1));
    const parsed = responseSchema.safeParse(parseJson(Buffer.concat(chunks).toString()));
    const accepted = request.method === 'PUT' && settle !== undefined;
    response.writeHead(accepted ? 200 : 403).end();
    if (accepted) settle(parsed.success ? parsed.data : failed(z.prettifyError(parsed.error)));
  }
}

export function failed(Reason: string): CustomResourceResponse {
  return { Status: 'FAILED', Reason };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
