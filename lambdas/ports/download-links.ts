/** A link that anyone who has it can fetch an object with, for a while and without a token. */
interface DownloadLink {
  readonly url: string;
  /** RFC 3339 in UTC. */
  readonly expiresAt: string;
}

export interface DownloadLinks {
  /** @param fileName what a browser saves it as */
  to(key: string, fileName: string): Promise<DownloadLink>;
}
