/** What may lie between two machines that compute the same: the last digits of a few operations. */
const RELATIVE_TOLERANCE = 1e-9;

/**
 * Where an answer is not as it has to be. What the answer says beyond that is not looked at: a later version may say
 * more, and is not wrong for it.
 *
 * @param place what the value is called, such as `items.0.verdict`
 * @returns a sentence for each value that differs; none when all is right
 */
export function differences(expected: unknown, actual: unknown, place: string): string[] {
  if (Array.isArray(expected)) {
    if (!Array.isArray(actual)) return [wrong(place, actual, 'a list')];
    if (actual.length !== expected.length)
      return [wrong(`${place}.length`, actual.length, String(expected.length))];
    return expected.flatMap((value, i) => differences(value, actual[i], `${place}.${i}`));
  }
  if (typeof expected === 'object' && expected !== null) {
    if (typeof actual !== 'object' || actual === null) return [wrong(place, actual, 'an object')];
    const known = new Map(Object.entries(actual));
    return Object.entries(expected).flatMap(([name, value]) =>
      differences(value, known.get(name), `${place}.${name}`),
    );
  }
  return isSame(expected, actual) ? [] : [wrong(place, actual, JSON.stringify(expected))];
}

function isSame(expected: unknown, actual: unknown): boolean {
  if (typeof expected !== 'number' || typeof actual !== 'number') return expected === actual;
  return Math.abs(expected - actual) <= RELATIVE_TOLERANCE * Math.abs(expected);
}

function wrong(place: string, actual: unknown, expected: string): string {
  return `${place} is ${(JSON.stringify(actual) ?? 'missing').slice(0, 100)} and not ${expected}.`;
}
