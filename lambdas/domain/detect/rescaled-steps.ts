import { lyndonWords } from '../signature/index.ts';

/** ε of the normalisation of a window (analysis spec §4). */
const EPSILON = 1e-8;

/**
 * The log-signatures of the windows of a raw plane path, and what normalises them: scaling letter j of a path by λ_j
 * multiplies the coefficient of a word by the product of the λ of its letters (analysis spec §4).
 */
export interface RawWindows {
  readonly depth: number;
  /** Lyndon coordinates, windows × words. */
  readonly coordinates: Float64Array;
  /** By window, from its first to its last day; λ of letter 1 is 1 / (span + ε). */
  readonly spans: Float64Array;
  /** By window, from its smallest to its largest value; λ of letter 2 is 1 / (range + ε). */
  readonly ranges: Float64Array;
}

/** Writes the Euclidean distance between the normalised log-signatures of windows j and j + 1 to `steps[j]`. */
export function rescaledSteps(windows: RawWindows, steps: Float64Array): void {
  if (windows.depth === 4) stepsOfDepth4(windows, steps);
  else stepsOfAnyDepth(windows, steps);
}

/** The words of depth 4 are 1, 2, 12, 112, 122, 1112, 1122, 1222: straight-line code is several times as fast as the loop. */
function stepsOfDepth4({ coordinates, spans, ranges }: RawWindows, steps: Float64Array): void {
  let p0 = 0;
  let p1 = 0;
  let p2 = 0;
  let p3 = 0;
  let p4 = 0;
  let p5 = 0;
  let p6 = 0;
  let p7 = 0;
  for (let window = 0; window <= steps.length; window++) {
    const a = 1 / ((spans[window] ?? 0) + EPSILON);
    const b = 1 / ((ranges[window] ?? 0) + EPSILON);
    const ab = a * b;
    const at = window * 8;
    const c0 = (coordinates[at] ?? 0) * a;
    const c1 = (coordinates[at + 1] ?? 0) * b;
    const c2 = (coordinates[at + 2] ?? 0) * ab;
    const c3 = (coordinates[at + 3] ?? 0) * (ab * a);
    const c4 = (coordinates[at + 4] ?? 0) * (ab * b);
    const c5 = (coordinates[at + 5] ?? 0) * (ab * a * a);
    const c6 = (coordinates[at + 6] ?? 0) * (ab * ab);
    const c7 = (coordinates[at + 7] ?? 0) * (ab * b * b);
    const d0 = c0 - p0;
    const d1 = c1 - p1;
    const d2 = c2 - p2;
    const d3 = c3 - p3;
    const d4 = c4 - p4;
    const d5 = c5 - p5;
    const d6 = c6 - p6;
    const d7 = c7 - p7;
    if (window > 0) {
      steps[window - 1] = Math.sqrt(
        d0 * d0 + d1 * d1 + d2 * d2 + d3 * d3 + d4 * d4 + d5 * d5 + d6 * d6 + d7 * d7,
      );
    }
    p0 = c0;
    p1 = c1;
    p2 = c2;
    p3 = c3;
    p4 = c4;
    p5 = c5;
    p6 = c6;
    p7 = c7;
  }
}

function stepsOfAnyDepth({ depth, coordinates, spans, ranges }: RawWindows, steps: Float64Array): void {
  const words = lyndonWords(2, depth);
  const firsts = Uint8Array.from(words, (word) => word.replaceAll('2', '').length);
  const firstPowers = new Float64Array(depth + 1).fill(1);
  const secondPowers = new Float64Array(depth + 1).fill(1);
  const before = new Float64Array(words.length);
  for (let window = 0; window <= steps.length; window++) {
    fillPowers(firstPowers, 1 / ((spans[window] ?? 0) + EPSILON));
    fillPowers(secondPowers, 1 / ((ranges[window] ?? 0) + EPSILON));
    let square = 0;
    for (let k = 0; k < words.length; k++) {
      const letters = words[k]?.length ?? 0;
      const ones = firsts[k] ?? 0;
      const scale = (firstPowers[ones] ?? 0) * (secondPowers[letters - ones] ?? 0);
      const coordinate = (coordinates[window * words.length + k] ?? 0) * scale;
      const difference = coordinate - (before[k] ?? 0);
      square += difference * difference;
      before[k] = coordinate;
    }
    if (window > 0) steps[window - 1] = Math.sqrt(square);
  }
}

/** powers[k] ← base^k. */
function fillPowers(powers: Float64Array, base: number): void {
  let power = 1;
  for (let k = 1; k < powers.length; k++) {
    power *= base;
    powers[k] = power;
  }
}
