/** When a token stops to count; times are RFC 3339, null is never. */
export interface TokenEnd {
  readonly expiresAt: string | null;
  readonly revokedAt: string | null;
}

/** Whether a token counts: not revoked, not past its time. @param now milliseconds since the epoch */
export function isValid({ expiresAt, revokedAt }: TokenEnd, now: number): boolean {
  return revokedAt === null && (expiresAt === null || now < Date.parse(expiresAt));
}
