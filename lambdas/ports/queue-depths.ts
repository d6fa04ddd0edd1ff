export interface QueueDepths {
  /** How many messages each of some queues holds, hidden ones included, by the name it is known by. */
  read(): Promise<Readonly<Record<string, number>>>;
}
