import * as z from 'zod';
import { SCOPES } from '../../domain/access/scopes.ts';
import { tokenSchema } from '../token.ts';
import { pageOf, pageQuery, time } from './common.ts';

/** Tokens of a tenant that count at the same time, at most. */
export const MAX_TOKENS = 200;

const { id, name, prefix, scopes, requestsPerMinute, createdAt, expiresAt } = tokenSchema.shape;

/** A token as it is shown after it was made: all but its secret. */
const tokenAnswerSchema = z
  .strictObject({
    id,
    name,
    prefix: prefix.describe('how it starts, to tell one’s own apart'),
    scopes,
    requestsPerMinute: requestsPerMinute.describe('null is what everybody may'),
    createdAt,
    expiresAt: expiresAt.describe('null is never'),
    lastUsedAt: time.nullable().describe('to the hour'),
    revokedAt: time.nullable(),
  })
  .meta({ id: 'Token' });

/** Body of `POST /api/tokens`. */
export const createTokenSchema = z.strictObject({
  name: z.string().trim().min(1).max(100).describe('what it is for'),
  scopes: z
    .array(z.enum(SCOPES))
    .min(1)
    .max(SCOPES.length)
    .describe('none includes another; only those that the caller has'),
  expiresAt: z.iso
    .datetime({ offset: true })
    .nullable()
    .default(null)
    .describe('null is never, or when the caller’s own token does'),
});

export const createdTokenSchema = z
  .strictObject({
    ...tokenAnswerSchema.shape,
    token: z.string().nullable().describe('the secret, this once; null in the answer to a repeated request'),
  })
  .meta({ id: 'CreatedToken' });

export const listTokensQuery = z.strictObject(pageQuery());
export const tokenPageSchema = pageOf(tokenAnswerSchema);

export type TokenAnswer = z.infer<typeof tokenAnswerSchema>;
