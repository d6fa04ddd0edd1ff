import { createHmac } from 'node:crypto';
import { once } from 'node:events';
import { globSync, readFileSync } from 'node:fs';
import type { IncomingMessage } from 'node:http';
import { createServer, type Server } from 'node:https';
import { dirname, join } from 'node:path';
import { text } from 'node:stream/consumers';
import { buildSync } from 'esbuild';
import { loopbackCertificate } from '../../local/tls/certificate.ts';
import { eventually } from '../local/eventually.ts';
import { temporaryDirectory } from '../local/temporary-directory.ts';

/** A name of the public Internet, so that the API takes it; nobody is asked where it leads. */
const HOST = 'hooks.example.com';
const REQUIRE =
  "import{createRequire as __createRequire}from'node:module';const require=__createRequire(import.meta.url);";
const PATIENCE_MS = 60_000;

/** A message as a receiver gets it. */
export interface Received {
  readonly id: string;
  readonly timestamp: string;
  /** Without the version before each. */
  readonly signatures: readonly string[];
  readonly body: string;
}

/** Somebody who wants to be told of jobs: an HTTPS server on this machine that keeps what it gets. */
export class Receiver {
  readonly received: Received[] = [];
  readonly #directory = temporaryDirectory();
  readonly #certificate: Buffer;
  readonly #server: Server;

  constructor() {
    const { certificateFile, keyFile } = loopbackCertificate(this.#directory.path, [HOST]);
    this.#certificate = readFileSync(certificateFile);
    this.#server = createServer(
      { cert: this.#certificate, key: readFileSync(keyFile) },
      async (request, response) => {
        this.received.push(await receivedOf(request));
        response.end('thanks');
      },
    );
  }

  async start(): Promise<void> {
    this.#server.listen(0, '127.0.0.1');
    await once(this.#server, 'listening');
  }

  /** Where to send to. */
  get url(): string {
    const address = this.#server.address();
    if (address === null || typeof address === 'string') throw new Error('The receiver has not started.');
    return `https://${HOST}:${address.port}/creative-dynamics`;
  }

  /** Waits for the message that comes after so many. */
  next(after: number): Promise<Received> {
    return eventually(`a message after ${after}`, async () => this.received[after], PATIENCE_MS);
  }

  /**
   * Has the function that delivers to webhooks send here. Only its sender differs from the one that is deployed: queue,
   * role, variables and everything else are those of the templates.
   *
   * @param assembly directory of a synthesised app, of which it changes one asset
   */
  letIn(assembly: string): void {
    const [map] = globSync('asset.*/deliver-webhook.mjs.map', { cwd: assembly });
    if (map === undefined) throw new Error('The app has no function that delivers to webhooks.');
    buildSync({
      entryPoints: [join(import.meta.dirname, 'deliver-to-loopback.ts')],
      outfile: join(assembly, dirname(map), 'index.mjs'),
      define: { RECEIVER_CERTIFICATE: JSON.stringify(this.#certificate.toString()) },
      bundle: true,
      format: 'esm',
      platform: 'node',
      target: 'node24',
      mainFields: ['module', 'main'],
      banner: { js: REQUIRE },
      logLevel: 'error',
    });
  }

  stop(): void {
    this.#server.closeAllConnections();
    this.#server.close();
    this.#directory.remove();
  }
}

/** The signature that a message should have, written down from the specification (Standard Webhooks 1.0). */
export function signatureOf({ id, timestamp, body }: Received, secret: string): string {
  const key = Buffer.from(secret.replace('whsec_', ''), 'base64');
  return createHmac('sha256', key).update([id, timestamp, body].join('.')).digest('base64');
}

async function receivedOf(request: IncomingMessage): Promise<Received> {
  const body = await text(request);
  const header = (name: string) => String(request.headers[`webhook-${name}`]);
  const signatures = header('signature').split(' ');
  return {
    id: header('id'),
    timestamp: header('timestamp'),
    signatures: signatures.map((signature) => signature.replace(/^v1,/, '')),
    body,
  };
}
