import type { ServerResponse } from 'node:http';
import { gunzipSync } from 'node:zlib';
import { AwsError } from '../../auth/errors.ts';
import { type FrontRequest, parseJsonBody } from '../../front/server.ts';

/** What an operation answers with; `Date`s are written as the protocol writes times. */
export type Output = Readonly<Record<string, unknown>>;

/** An operation's request, as the protocol of the client has it. */
export interface Call {
  readonly operation: string;
  readonly input: unknown;
  answer(response: ServerResponse, output: Output): void;
  refuse(response: ServerResponse, error: AwsError): void;
}

const TARGET = /^GraniteServiceVersion20100801\.(\w+)$/;
const CBOR_PATH = /^\/service\/GraniteServiceVersion20100801\/operation\/(\w+)$/;
const MAX_BYTES = 16 * 1024 ** 2;

/**
 * Reads a request in the protocol of the SDKs for JavaScript (JSON), or of the AWS command line (CBOR).
 *
 * @throws AwsError 400 when it is in none of them
 */
export async function readCall({ incoming, path, body }: FrontRequest): Promise<Call> {
  const bytes = incoming.headers['content-encoding'] === 'gzip' ? unzip(body) : body;
  const [, named] = TARGET.exec(String(incoming.headers['x-amz-target'] ?? '')) ?? [];
  if (named !== undefined) return jsonCall(named, bytes);
  const [, operation] = CBOR_PATH.exec(path) ?? [];
  if (operation !== undefined) return cborCall(operation, bytes);
  throw new AwsError(501, 'NotImplemented', 'Of CloudWatch’s protocols JSON and CBOR are imitated.');
}

function jsonCall(operation: string, body: Buffer): Call {
  return call(operation, parseJsonBody(body), (response, status, output) => {
    response.writeHead(status, { 'content-type': 'application/x-amz-json-1.0' });
    response.end(JSON.stringify(withDates(output, (date) => date.getTime() / 1000)));
  });
}

async function cborCall(operation: string, body: Buffer): Promise<Call> {
  // Only the command line speaks it, and it takes a while to load.
  const { cbor, dateToTag } = await import('@smithy/core/cbor');
  return call(operation, body.length === 0 ? {} : cbor.deserialize(body), (response, status, output) => {
    response.writeHead(status, { 'content-type': 'application/cbor', 'smithy-protocol': 'rpc-v2-cbor' });
    response.end(cbor.serialize(withDates(output, dateToTag)));
  });
}

function call(
  operation: string,
  input: unknown,
  send: (response: ServerResponse, status: number, output: Output) => void,
): Call {
  return {
    operation,
    input,
    answer: (response, output) => send(response, 200, output),
    refuse(response, { status, code, message }) {
      const name = code === 'AccessDenied' ? 'AccessDeniedException' : code;
      response.setHeader('x-amzn-errortype', name);
      send(response, status, { __type: name, message });
    },
  };
}

function withDates(value: unknown, write: (date: Date) => unknown): unknown {
  if (value instanceof Date) return write(value);
  if (Array.isArray(value)) return value.map((item) => withDates(item, write));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).flatMap(([key, member]) =>
      member === undefined ? [] : [[key, withDates(member, write)]],
    ),
  );
}

function unzip(body: Buffer): Buffer {
  try {
    return gunzipSync(body, { maxOutputLength: MAX_BYTES });
  } catch {
    throw new AwsError(400, 'SerializationException', 'The body is not compressed as it says.');
  }
}
