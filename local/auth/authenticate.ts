import { timingSafeEqual } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';
import type { Credentials, Principal } from './credentials.ts';
import { AwsError } from './errors.ts';
import { signature } from './sigv4.ts';

export interface SignedRequest {
  readonly method: string;
  readonly path: string;
  readonly query: URLSearchParams;
  readonly headers: IncomingHttpHeaders;
}

export interface Authentication {
  readonly principal: Principal;
  readonly service: string;
  readonly presigned: boolean;
  /** What the signature says of the body: its SHA-256, or that it is not signed or signed in chunks. */
  readonly payloadHash: string;
}

interface Claim {
  readonly presigned: boolean;
  readonly accessKeyId: string;
  readonly scope: string;
  readonly service: string;
  readonly signedHeaders: readonly string[];
  readonly signature: string;
  readonly date: string;
  readonly token: string | undefined;
  readonly payloadHash: string | undefined;
}

const MAX_SKEW_MS = 15 * 60_000;
const MAX_EXPIRY_SECONDS = 7 * 86_400;

/**
 * Who sent a request, by its signature in the Authorization header or in the query of a presigned URL.
 *
 * @param bodyHash SHA-256 of the body, for services whose clients send no x-amz-content-sha256
 * @throws AwsError 403 when the signature is missing, wrong, expired, or by nobody known
 */
export function authenticate(
  request: SignedRequest,
  credentials: Credentials,
  now: number,
  bodyHash: () => string,
): Authentication {
  const claim = claimOf(request);
  checkTime(claim, request.query, now);
  const principal = credentials.find(claim.accessKeyId);
  if (principal === undefined) {
    throw new AwsError(403, 'InvalidAccessKeyId', `The access key ${claim.accessKeyId} does not exist here.`);
  }
  if (claim.token !== principal.sessionToken) {
    throw new AwsError(403, 'InvalidToken', 'The session token is not the one these credentials go with.');
  }
  const payloadHash = claim.payloadHash ?? bodyHash();
  const expected = signature({ ...request, ...claim, payloadHash }, principal.secretAccessKey);
  if (!same(expected, claim.signature)) {
    throw new AwsError(
      403,
      'SignatureDoesNotMatch',
      'The request signature we calculated does not match the signature you provided.',
    );
  }
  return { principal, service: claim.service, presigned: claim.presigned, payloadHash };
}

function claimOf({ query, headers }: SignedRequest): Claim {
  if (query.get('X-Amz-Signature') !== null) return presignedClaim(query);
  const match =
    /^AWS4-HMAC-SHA256 +Credential=([^/,]+)\/([^, ]+), *SignedHeaders=([^, ]+), *Signature=([0-9a-f]{64})$/.exec(
      headers.authorization ?? '',
    );
  if (match === null) {
    throw new AwsError(
      403,
      'MissingAuthenticationToken',
      'The request is not signed with AWS Signature Version 4.',
    );
  }
  const [, accessKeyId = '', scope = '', signedHeaders = '', given = ''] = match;
  return {
    presigned: false,
    accessKeyId,
    scope,
    service: scope.split('/')[2] ?? '',
    signedHeaders: signedHeaders.split(';'),
    signature: given,
    date: text(headers['x-amz-date']) ?? '',
    token: text(headers['x-amz-security-token']),
    payloadHash: text(headers['x-amz-content-sha256']),
  };
}

function presignedClaim(query: URLSearchParams): Claim {
  const [accessKeyId = '', ...scope] = (query.get('X-Amz-Credential') ?? '').split('/');
  return {
    presigned: true,
    accessKeyId,
    scope: scope.join('/'),
    service: scope[2] ?? '',
    signedHeaders: (query.get('X-Amz-SignedHeaders') ?? '').split(';'),
    signature: query.get('X-Amz-Signature') ?? '',
    date: query.get('X-Amz-Date') ?? '',
    token: query.get('X-Amz-Security-Token') ?? undefined,
    payloadHash: query.get('X-Amz-Content-Sha256') ?? (scope[2] === 's3' ? 'UNSIGNED-PAYLOAD' : undefined),
  };
}

function checkTime(claim: Claim, query: URLSearchParams, now: number): void {
  const signedAt = Date.parse(claim.date.replace(/^(....)(..)(..T..)(..)(..Z)$/, '$1-$2-$3:$4:$5'));
  if (Number.isNaN(signedAt)) throw new AwsError(403, 'AccessDenied', 'The signature has no valid date.');
  if (!claim.presigned) {
    if (Math.abs(now - signedAt) <= MAX_SKEW_MS) return;
    throw new AwsError(403, 'RequestTimeTooSkewed', 'The request was signed over 15 minutes from now.');
  }
  const expires = Number(query.get('X-Amz-Expires'));
  if (!Number.isInteger(expires) || expires < 1 || expires > MAX_EXPIRY_SECONDS) {
    throw new AwsError(
      400,
      'AuthorizationQueryParametersError',
      'X-Amz-Expires must be 1 to 604800 seconds.',
    );
  }
  if (now > signedAt + expires * 1000) {
    throw new AwsError(403, 'AccessDenied', 'Request has expired', {
      Expires: new Date(signedAt + expires * 1000).toISOString(),
      ServerTime: new Date(now).toISOString(),
    });
  }
}

function same(left: string, right: string): boolean {
  return left.length === right.length && timingSafeEqual(Buffer.from(left), Buffer.from(right));
}

function text(value: string | string[] | undefined): string | undefined {
  return Array.isArray(value) ? value.join(',') : value;
}
