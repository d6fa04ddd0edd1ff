/** An error as AWS answers it: the caller's fault or right, with a code that SDKs turn into a class. */
export class AwsError extends Error {
  readonly status: number;
  readonly code: string;
  /** Further elements of an S3 error document. */
  readonly details: Readonly<Record<string, string>>;

  constructor(status: number, code: string, message: string, details: Readonly<Record<string, string>> = {}) {
    super(message);
    this.name = 'AwsError';
    this.status = status;
    this.code = code;
    this.details = details;
  }
}
