/** What a token may be allowed to do. None includes another: what is not named is not allowed. */
export const SCOPES = ['read', 'write', 'admin'] as const;

export type AccessScope = (typeof SCOPES)[number];

/** The scopes among what a token or an identity provider names, in their usual order. */
export function scopesAmong(names: readonly string[]): AccessScope[] {
  return SCOPES.filter((scope) => names.includes(scope));
}

/** The scopes asked for that the giver does not have and so cannot give. */
export function scopesBeyond(asked: readonly AccessScope[], giver: readonly AccessScope[]): AccessScope[] {
  return scopesAmong(asked).filter((scope) => !giver.includes(scope));
}
