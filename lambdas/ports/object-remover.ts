/** One version of an object, or the mark that it was deleted. */
export interface StoredVersion {
  readonly key: string;
  /** Milliseconds since the epoch. */
  readonly modifiedAt: number;
}

export interface ObjectRemover {
  /**
   * Removes objects for good, every version and deletion mark of them.
   *
   * @param prefix what their keys begin with
   * @param isGone which of these it is about
   * @throws Error when some could not be removed
   */
  remove(prefix: string, isGone: (version: StoredVersion) => boolean): Promise<void>;

  /**
   * Removes some of the objects below a prefix in the same way.
   *
   * @returns how many versions that were; 0 when none is left
   * @throws Error when some could not be removed
   */
  removeSome(prefix: string): Promise<number>;
}
