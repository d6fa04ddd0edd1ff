/**
 * What is remembered from one decision to the next, by all who may decide at the same time. Who wrote last may hold it while
 * carrying out what was decided, so that nobody else decides from what is half done.
 */
export interface CapacityMemory<T> {
  read(): Promise<{
    /** Null when there is none yet. */
    readonly value: T | null;
    /** How often it was written. */
    readonly revision: number;
    /** Milliseconds since the epoch, by the clock of the machine; null when nobody holds it. */
    readonly heldUntil: number | null;
  }>;
  /**
   * @param revision that was read
   * @param heldUntil by when who writes is done, or gone; null when there is nothing to carry out
   * @returns whether it was written: another may have been faster
   */
  write(value: T, revision: number, heldUntil: number | null): Promise<boolean>;
}
