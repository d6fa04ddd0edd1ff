/**
 * Applies a function to every element, some at a time, and gives the answers in the order of the elements.
 *
 * @throws what the first failing call threw; calls that had begun then run on, but no further ones begin
 */
export async function concurrently<T, R>(
  elements: readonly T[],
  limit: number,
  apply: (element: T) => Promise<R>,
): Promise<R[]> {
  const answers: R[] = [];
  const rest = elements.entries();
  let failed = false;
  const work = async () => {
    for (const [at, element] of rest) {
      if (failed) return;
      try {
        answers[at] = await apply(element);
      } catch (error) {
        failed = true;
        throw error;
      }
    }
  };
  await Promise.all(Array.from({ length: Math.min(limit, elements.length) }, work));
  return answers;
}
