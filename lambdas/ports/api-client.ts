/** What the API answered. */
export interface ApiAnswer {
  readonly status: number;
  /** Null where the answer is none of JSON. */
  readonly json: unknown;
  /** Under which the lines of the request are found; null when nobody says. */
  readonly requestId: string | null;
}

/** The API as a customer reaches it. */
export interface ApiClient {
  /**
   * @param path such as `/api/jobs`
   * @throws Error when there is no answer in time
   */
  call(
    method: 'GET' | 'POST' | 'DELETE',
    path: string,
    options?: { readonly body?: unknown; readonly prefer?: string },
  ): Promise<ApiAnswer>;

  /** Sends a file to a signed address. @returns the status of the answer */
  send(url: string, headers: Readonly<Record<string, string>>, body: Uint8Array): Promise<number>;
}
