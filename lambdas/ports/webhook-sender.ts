export interface WebhookRequest {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** What became of a request: an answer, or the reason why there is none. */
export type WebhookAnswer =
  | {
      readonly status: number;
      /** First kilobyte. */
      readonly answer: string;
      /** What the receiver asks to wait; null when it says nothing, or nothing that can be read. */
      readonly retryAfterSeconds: number | null;
    }
  | { readonly error: string };

export interface WebhookSender {
  /** Posts to an address of the public Internet, follows no redirect, and never rejects. */
  send(request: WebhookRequest): Promise<WebhookAnswer>;
}
