import { createHash } from 'node:crypto';

/** The parts of a request that make it the same request again. */
export interface RequestParts {
  readonly method: string;
  readonly path: string;
  readonly query: Readonly<Record<string, readonly string[]>>;
  readonly body: Uint8Array;
}

/** SHA-256 over method, path, query in any order of its names, and the SHA-256 of the body; hexadecimal. */
export function fingerprintOf({ method, path, query, body }: RequestParts): string {
  const names = Object.keys(query).sort();
  const target = [method, path, names.map((name) => [name, query[name]])];
  const content = createHash('sha256').update(body).digest('hex');
  return createHash('sha256')
    .update(JSON.stringify([target, content]))
    .digest('hex');
}
