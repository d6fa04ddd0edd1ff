/** What is remembered from one decision to the next, by all who may decide at the same time. */
export interface CapacityMemory<T> {
  read(): Promise<{
    /** Null when there is none yet. */
    readonly value: T | null;
    /** How often it was written. */
    readonly revision: number;
  }>;
  /** @param revision that was read. @returns whether it was written: another may have been faster */
  write(value: T, revision: number): Promise<boolean>;
}
