import * as z from 'zod';
import { SCOPES } from '../domain/access/scopes.ts';
import { TENANT_PATTERN } from './object-keys.ts';

const time = z.iso.datetime({ precision: 3 });

/** `tok_` and a ULID. */
export const TOKEN_ID_PATTERN = /^tok_[0-7][0-9A-HJKMNP-TV-Z]{25}$/;

/** A token as it is stored: everything about it but its secret. */
export const tokenSchema = z.strictObject({
  id: z.string().regex(TOKEN_ID_PATTERN),
  tenant: z.string().regex(TENANT_PATTERN),
  name: z.string().min(1).max(100),
  /** Enough of the secret to tell one's tokens apart. */
  prefix: z.string().max(16),
  scopes: z.array(z.enum(SCOPES)).min(1).max(SCOPES.length),
  /** Null is what the stage gives everybody. */
  requestsPerMinute: z.int().min(1).max(1_000_000).nullable(),
  createdAt: time,
  /** Null is never. */
  expiresAt: time.nullable(),
});

export type Token = Readonly<z.infer<typeof tokenSchema>>;
