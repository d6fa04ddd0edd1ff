/**
 * The same values, some at a time: as many as weigh `most` together, or the one that weighs more alone; the last batch may
 * have fewer. Every value weighs 1 where nothing else is said.
 */
export async function* batchesOf<T>(
  values: AsyncIterable<T>,
  most: number,
  weigh: (value: T) => number = () => 1,
): AsyncGenerator<T[]> {
  let batch: T[] = [];
  let weight = 0;
  for await (const value of values) {
    const own = weigh(value);
    if (batch.length > 0 && weight + own > most) {
      yield batch;
      batch = [];
      weight = 0;
    }
    batch.push(value);
    weight += own;
  }
  if (batch.length > 0) yield batch;
}
