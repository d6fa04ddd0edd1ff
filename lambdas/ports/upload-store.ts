/** A request that a client may send to the bucket by itself, once or more often, until it expires. */
export interface SignedRequest {
  readonly url: string;
  /** Headers that have to be sent with it, as they were signed. */
  readonly headers: Readonly<Record<string, string>>;
  readonly expiresAt: string;
}

/** What a client said about a file; S3 refuses another. */
export interface UploadPromise {
  readonly bytes: number;
  readonly contentType: string;
  /** SHA-256 in base64; null when the client did not say. */
  readonly sha256: string | null;
}

export interface MultipartRef {
  readonly key: string;
  readonly uploadId: string;
}

export interface UploadedPart {
  readonly partNumber: number;
  readonly etag: string;
  readonly bytes: number;
}

/** How clients bring files into the bucket. */
export interface UploadStore {
  signPut(key: string, promise: UploadPromise): Promise<SignedRequest>;
  /** Begins an upload of several parts. @returns its id */
  begin(key: string, contentType: string): Promise<string>;
  signPart(upload: MultipartRef, partNumber: number, bytes: number): Promise<SignedRequest>;
  /** The parts that have arrived, in order; null when there is no such upload (any more). */
  listParts(upload: MultipartRef): Promise<readonly UploadedPart[] | null>;
  /** Puts the parts together; the object is there afterwards. */
  complete(upload: MultipartRef, parts: readonly UploadedPart[]): Promise<void>;
  /** Gives an upload up with all its parts; one that is not there stays so. */
  abort(upload: MultipartRef): Promise<void>;
}
