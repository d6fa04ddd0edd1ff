/** What Application Auto Scaling can change the capacity of. */
export interface ScalableCapacity {
  /** Such as `rds:cluster:ReadReplicaCount`. */
  readonly dimension: string;
  /** Such as `cluster:name`. */
  readonly resourceId: string;
  /** As it was asked for last. */
  readonly capacity: number;
  /** What it cannot go below, whatever a policy wants. */
  readonly least: number;
  /** Resolves once the capacity is there. @throws Error when it cannot be had */
  scaleTo(capacity: number): Promise<void>;
}
