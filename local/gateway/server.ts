import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AnsweredRequest } from '../cloudwatch/sources/requests.ts';
import { listenOnLoopback } from '../listen.ts';
import type { GatewayAnswer } from './answer.ts';
import { readRequest } from './request.ts';
import type { RestApi } from './rest-api.ts';

/** Bytes of request line and headers together. */
const MAX_HEADER_BYTES = 10_240;

/** The port an API is served at. The API itself is given once the deployment that needs its address is known. */
export class GatewayServer {
  readonly endpoint: string;
  api: RestApi | undefined;
  /** Told of every request that was answered. */
  log: (line: string) => void = () => undefined;
  /** Told the same for its metrics. */
  onAnswered: (answered: AnsweredRequest) => void = () => undefined;
  readonly #server: Server;

  private constructor(server: Server, port: number) {
    this.#server = server;
    this.endpoint = `http://localhost:${port}`;
    server.on('request', (incoming, response) => void this.#serve(incoming, response));
  }

  /** @throws Error saying so when the port is taken */
  static async listen(port: number): Promise<GatewayServer> {
    const server = createServer({ keepAliveTimeout: 60_000, maxHeaderSize: MAX_HEADER_BYTES });
    return new GatewayServer(server, await listenOnLoopback(server, port, '--api-port'));
  }

  async close(): Promise<void> {
    await new Promise<void>((resolve) => {
      this.#server.close(() => resolve());
      this.#server.closeAllConnections();
    });
  }

  async #serve(incoming: IncomingMessage, response: ServerResponse): Promise<void> {
    const startedAt = performance.now();
    try {
      const { request, tooLarge } = await readRequest(incoming);
      if (this.api === undefined) {
        response.writeHead(503).end();
        return;
      }
      const answer = await this.api.answer(request, tooLarge);
      send(response, request.id, answer);
      const milliseconds = performance.now() - startedAt;
      this.onAnswered({ stage: this.api.stageOf(request.path), status: answer.status, milliseconds });
      this.log(
        `${request.id} ${request.method} ${request.path} ${answer.status} ${answer.body.length} B ${milliseconds.toFixed(1)} ms`,
      );
    } catch (error) {
      // Whoever asked is gone, before the whole request was here.
      this.log(`${incoming.method} ${incoming.url} was given up: ${error}`);
      response.destroy();
    }
  }
}

function send(response: ServerResponse, id: string, { status, headers, body }: GatewayAnswer): void {
  for (const [name, value] of headers) response.appendHeader(name, value);
  response.setHeader('x-amzn-RequestId', id);
  response.setHeader('x-amz-apigw-id', id);
  if (status === 204 || status === 304) {
    response.writeHead(status).end();
    return;
  }
  response.setHeader('Content-Length', body.length);
  response.writeHead(status).end(body);
}
