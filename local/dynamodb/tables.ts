import { mkdirSync } from 'node:fs';
import { Agent, request, type Server } from 'node:http';
import dynalite from 'dynalite';
import { z } from 'zod';
import type { DeployedResource } from '../assembly/deployment.ts';
import { type Json, type JsonObject, jsonObjectSchema } from '../assembly/json.ts';
import { AwsError } from '../auth/errors.ts';

export interface TableAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
}

// dynalite wants to see a signature but verifies none; those of clients were verified before.
const SIGNED = {
  'content-type': 'application/x-amz-json-1.0',
  'x-amz-date': '20000101T000000Z',
  authorization:
    'AWS4-HMAC-SHA256 Credential=local/20000101/us-east-1/dynamodb/aws4_request, SignedHeaders=host, Signature=0',
};

const addressSchema = z.object({ port: z.number() });

/** Tables: dynalite on a loopback port of its own, kept in a directory. */
export class Tables {
  readonly #server: Server;
  readonly #port: number;
  readonly #agent = new Agent({ keepAlive: true, maxSockets: 64 });

  private constructor(server: Server, port: number) {
    this.#server = server;
    this.#port = port;
  }

  static async open(directory: string): Promise<Tables> {
    mkdirSync(directory, { recursive: true });
    const server = dynalite({ path: directory, createTableMs: 0, deleteTableMs: 0, updateTableMs: 0 });
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen(0, '127.0.0.1', resolve);
    });
    return new Tables(server, addressSchema.parse(server.address()).port);
  }

  /** Hands a client's request on. */
  async forward(target: string, payload: string | Buffer): Promise<TableAnswer> {
    return new Promise((resolve, reject) => {
      const outgoing = request(
        {
          host: '127.0.0.1',
          port: this.#port,
          method: 'POST',
          agent: this.#agent,
          headers: { ...SIGNED, 'x-amz-target': target, 'content-length': Buffer.byteLength(payload) },
        },
        (incoming) => {
          const chunks: Buffer[] = [];
          incoming.on('data', (chunk: Buffer) => chunks.push(chunk));
          incoming.once('error', reject);
          incoming.once('end', () => {
            const headers = { 'x-amz-crc32': String(incoming.headers['x-amz-crc32'] ?? '') };
            resolve({ status: incoming.statusCode ?? 500, headers, body: Buffer.concat(chunks) });
          });
        },
      );
      outgoing.once('error', reject);
      outgoing.end(payload);
    });
  }

  /**
   * Creates a table of the template, without what dynalite has not: streams, TTL, point-in-time recovery, replicas.
   *
   * @throws Error when an earlier start left a table of that name with other keys
   */
  async deploy({ identity, properties, logicalId }: DeployedResource): Promise<void> {
    const description: JsonObject = {
      TableName: identity.name,
      AttributeDefinitions: properties['AttributeDefinitions'] ?? [],
      KeySchema: properties['KeySchema'] ?? [],
      BillingMode: 'PAY_PER_REQUEST',
      ...indexes('GlobalSecondaryIndexes', properties),
      ...indexes('LocalSecondaryIndexes', properties),
    };
    try {
      await this.#call('CreateTable', description);
    } catch (error) {
      if (!(error instanceof AwsError) || error.code !== 'ResourceInUseException') throw error;
      const table = jsonObjectSchema.parse(
        (await this.#call('DescribeTable', { TableName: identity.name }))['Table'],
      );
      if (keysOf(table) === keysOf(description)) return;
      throw new Error(
        `The table ${logicalId} has other keys or indexes than at an earlier start. Remove the data directory to begin anew.`,
      );
    }
  }

  async close(): Promise<void> {
    this.#agent.destroy();
    await new Promise<void>((resolve, reject) => {
      this.#server.close((error) => (error === undefined || error === null ? resolve() : reject(error)));
      this.#server.closeAllConnections();
    });
  }

  async #call(operation: string, input: JsonObject): Promise<JsonObject> {
    const answer = await this.forward(`DynamoDB_20120810.${operation}`, JSON.stringify(input));
    const output = jsonObjectSchema.parse(JSON.parse(answer.body.toString()));
    if (answer.status === 200) return output;
    const code = String(output['__type']).split('#').at(-1) ?? '';
    throw new AwsError(answer.status, code, String(output['message'] ?? output['Message']));
  }
}

const indexSchema = z.looseObject({ IndexName: z.string(), KeySchema: z.json(), Projection: z.json() });

function indexes(name: string, properties: JsonObject): JsonObject {
  const given = z.array(indexSchema).parse(properties[name] ?? []);
  if (given.length === 0) return {};
  return {
    [name]: given.map(({ IndexName, KeySchema, Projection }) => ({ IndexName, KeySchema, Projection })),
  };
}

/** Keys of a table and its indexes as comparable text. */
function keysOf(table: JsonObject): string {
  const keys = (schema: Json | undefined) =>
    z.array(z.looseObject({ AttributeName: z.string(), KeyType: z.string() })).parse(schema ?? []);
  const own = keys(table['KeySchema']).map((key) => `${key.KeyType} ${key.AttributeName}`);
  const secondary = ['GlobalSecondaryIndexes', 'LocalSecondaryIndexes'].flatMap((name) =>
    z
      .array(indexSchema)
      .parse(table[name] ?? [])
      .map((index) => `${index.IndexName}: ${keys(index.KeySchema).map((key) => key.AttributeName)}`),
  );
  return [...own.sort(), ...secondary.sort()].join('; ');
}
