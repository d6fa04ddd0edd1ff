import { isToken } from './token.ts';

/** What an `Authorization` header brings: a token of ours, a signed one (JWT), or nothing that could be either. */
export type Credential =
  | { readonly kind: 'token'; readonly token: string }
  | { readonly kind: 'jwt'; readonly token: string };

const BEARER = /^bearer +([\x21-\x7e]+) *$/i;
/** Three parts of base64url; the signature may be missing, which the check of it then says. */
const JWT = /^[\w-]+\.[\w-]+\.[\w-]*$/;
/** No identity provider's tokens are near this, and API Gateway takes 10 KB of headers. */
const MAX_LENGTH = 8192;

/** Reads an `Authorization` header; null when it can be refused without asking anybody. */
export function readCredential(header: string): Credential | null {
  if (header.length > MAX_LENGTH) return null;
  const token = BEARER.exec(header)?.[1];
  if (token === undefined) return null;
  if (isToken(token)) return { kind: 'token', token };
  return JWT.test(token) ? { kind: 'jwt', token } : null;
}
