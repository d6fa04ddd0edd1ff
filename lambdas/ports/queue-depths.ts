/** How many messages a queue holds: those that wait, and those that somebody has or that are put off. */
export interface QueueDepth {
  readonly visible: number;
  readonly hidden: number;
}

export interface QueueDepths {
  /** By the name that each queue is known by. */
  read(): Promise<Readonly<Record<string, QueueDepth>>>;
}
