import { readFileSync } from 'node:fs';
import { createConnection, createServer, type Server, type Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { TLSSocket } from 'node:tls';
import { z } from 'zod';
import type { Credentials } from '../auth/credentials.ts';
import type { LoopbackCertificate } from '../tls/certificate.ts';
import {
  askPassword,
  CANCEL_REQUEST,
  type Greeting,
  readGreeting,
  refusal,
  SSL_REQUEST,
  userOf,
} from './protocol.ts';
import { readToken, type TokenClaim } from './token.ts';

/** Names of this machine under which the endpoints are told apart, since clients come to them at one port. */
export const WRITER_HOST = '127.0.0.1';
export const READER_HOST = 'localhost';

export interface DatabaseFrontOptions {
  readonly certificate: LoopbackCertificate;
  readonly credentials: Credentials;
  /** Sockets of the servers behind an endpoint, the best first. */
  readonly serversOf: (host: string) => Promise<readonly string[]>;
  /** Throws when somebody may not come as a user. */
  readonly authorise: (claim: TokenClaim) => Promise<void>;
  readonly log: (line: string) => void;
}

const addressSchema = z.object({ port: z.number() });

/** What stands before the servers, as at RDS: TLS only, and a token that IAM has signed instead of a password. */
export class DatabaseFront {
  readonly port: number;
  readonly #server: Server;
  readonly #options: DatabaseFrontOptions;
  readonly #connections = new Set<Duplex>();

  private constructor(server: Server, options: DatabaseFrontOptions) {
    this.#server = server;
    this.#options = options;
    this.port = addressSchema.parse(server.address()).port;
    server.on('connection', (socket) => this.#welcome(socket));
  }

  static async listen(options: DatabaseFrontOptions): Promise<DatabaseFront> {
    const server = createServer();
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen(0, '127.0.0.1', resolve);
    });
    return new DatabaseFront(server, options);
  }

  async close(): Promise<void> {
    for (const connection of this.#connections) connection.destroy();
    await new Promise<void>((resolve) => this.#server.close(() => resolve()));
  }

  #welcome(socket: Socket): void {
    socket.setNoDelay(true);
    this.#keep(socket);
    this.#serve(socket).catch((error: unknown) => {
      this.#options.log(error instanceof Error ? error.message : String(error));
      socket.destroy();
    });
  }

  #keep(connection: Duplex): void {
    this.#connections.add(connection);
    connection.once('close', () => this.#connections.delete(connection));
    connection.on('error', () => connection.destroy());
  }

  async #serve(socket: Socket): Promise<void> {
    const first = await readGreeting(socket);
    if (first.code === CANCEL_REQUEST) return this.#cancel(socket, first);
    if (first.code !== SSL_REQUEST) {
      socket.end(refusal('28000', 'no pg_hba.conf entry for this host, no encryption'));
      return;
    }
    socket.write('S');
    const { certificateFile, keyFile } = this.#options.certificate;
    const secure = new TLSSocket(socket, {
      isServer: true,
      cert: readFileSync(certificateFile),
      key: readFileSync(keyFile),
    });
    this.#keep(secure);
    const greeting = await readGreeting(secure);
    if (greeting.code === CANCEL_REQUEST) return this.#cancel(secure, greeting);
    const claim = await this.#admit(secure, greeting);
    if (claim !== undefined) await this.#join(secure, greeting, claim);
  }

  /** @returns undefined when the client was sent away */
  async #admit(client: Duplex, greeting: Greeting): Promise<TokenClaim | undefined> {
    const user = userOf(greeting);
    const token = await askPassword(client);
    try {
      const claim = readToken(token, this.#options.credentials, Date.now());
      if (claim.user !== user) throw new Error(`The token is one for ${claim.user}, not for ${user}.`);
      await this.#options.authorise(claim);
      return claim;
    } catch (error) {
      this.#options.log(`${user}: ${error instanceof Error ? error.message : error}`);
      client.end(refusal('28000', `PAM authentication failed for user "${user}"`));
      return undefined;
    }
  }

  async #join(client: Duplex, greeting: Greeting, { host }: TokenClaim): Promise<void> {
    const server = await firstThatAnswers(await this.#options.serversOf(host));
    if (server === undefined) {
      client.end(refusal('57P03', 'the database system is not there'));
      return;
    }
    this.#keep(server);
    server.write(greeting.bytes);
    await Promise.allSettled([pipeline(client, server), pipeline(server, client)]);
  }

  /** Only one of them has the session that is meant, and the others take no notice. */
  async #cancel(client: Duplex, { bytes }: Greeting): Promise<void> {
    const sockets = [
      ...(await this.#options.serversOf(WRITER_HOST)),
      ...(await this.#options.serversOf(READER_HOST)),
    ];
    for (const path of new Set(sockets)) (await firstThatAnswers([path]))?.end(bytes);
    client.end();
  }
}

async function firstThatAnswers(paths: readonly string[]): Promise<Socket | undefined> {
  for (const path of paths) {
    const socket = createConnection(path);
    const isOpen = await new Promise<boolean>((resolve) => {
      socket.once('connect', () => resolve(true)).once('error', () => resolve(false));
    });
    if (isOpen) return socket;
  }
  return undefined;
}
