import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from 'node:http';
import { AwsError } from '../auth/errors.ts';

/** A request for S3, authenticated, its bucket and key taken from path or host. */
export interface S3Request {
  readonly method: string;
  readonly bucket: string | undefined;
  readonly key: string | undefined;
  readonly query: URLSearchParams;
  readonly headers: IncomingHttpHeaders;
  readonly body: IncomingMessage;
  readonly payloadHash: string;
  readonly requestId: string;
  /** ARN of who asks. */
  readonly requester: string;
  /** @throws AwsError 403 when the requester's policies do not allow the action */
  authorise(action: string, resource: string, context?: Readonly<Record<string, string>>): Promise<void>;
}

export interface ObjectRequest extends S3Request {
  readonly bucket: string;
  readonly key: string;
}

/** Bucket and key of path style (`/bucket/key`), or of `bucket.localhost`. */
export function addressOf(path: string, host: string | undefined): Pick<S3Request, 'bucket' | 'key'> {
  const virtual = /^([a-z0-9][a-z0-9.-]*)\.localhost(?::\d+)?$/.exec(host ?? '')?.[1];
  const [bucket = '', ...rest] = virtual === undefined ? path.slice(1).split('/') : [virtual, path.slice(1)];
  const key = decodeURIComponent(rest.join('/'));
  return {
    bucket: bucket === '' ? undefined : decodeURIComponent(bucket),
    key: key === '' ? undefined : key,
  };
}

export function headerOf(request: S3Request, name: string): string | undefined {
  const value = request.headers[name];
  return Array.isArray(value) ? value.join(',') : value;
}

export function isObjectRequest(request: S3Request): request is ObjectRequest {
  return request.bucket !== undefined && request.key !== undefined;
}

export function sendXml(response: ServerResponse, status: number, document: string): void {
  response.writeHead(status, {
    'content-type': 'application/xml',
    'content-length': Buffer.byteLength(document),
  });
  response.end(document);
}

export function notImitated(what: string): AwsError {
  return new AwsError(501, 'NotImplemented', `${what} is not imitated by the local cloud.`);
}
