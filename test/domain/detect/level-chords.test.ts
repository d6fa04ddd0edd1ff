import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { levyArea, normalisedArea } from '../../../lambdas/domain/detect/level-chords.ts';

const NU = 0.04;
const weight = fc.double({ min: 1e-3, max: 1e6, noNaN: true });
const clicks = fc.oneof(fc.constant(0), weight);

/** Lévy area of the polygon through the end points of some chords, from its definition ½∮(x dy − y dx). */
function areaOfPath(chords: readonly (readonly [number, number])[]): number {
  let x = 0;
  let y = 0;
  let area = 0;
  for (const [dx, dy] of chords) {
    area += 0.5 * (x * dy - y * dx);
    x += dx;
    y += dy;
  }
  return area;
}

describe('Lévy area of two chords', () => {
  test('is that of the path they make', () => {
    expect(levyArea(100, 90, 50, 30)).toBe(0.5 * (100 * 30 - 50 * 90));
    fc.assert(
      fc.property(weight, clicks, weight, clicks, (aB, yB, aW, yW) => {
        expect(levyArea(aB, yB, aW, yW)).toBeCloseTo(
          areaOfPath([
            [aB, yB],
            [aW, yW],
          ]),
          9,
        );
      }),
    );
  });

  test('does not change when a segment is cut along its chord (Chen)', () => {
    fc.assert(
      fc.property(
        weight,
        clicks,
        weight,
        clicks,
        fc.double({ min: 0, max: 1, noNaN: true }),
        (aB, yB, aW, yW, cut) => {
          const [aB1, yB1, aW1, yW1] = [aB * cut, yB * cut, aW * cut, yW * cut];
          const cutBase = levyArea(aB1, yB1, aB - aB1, yB - yB1) + levyArea(aB, yB, aW, yW);
          const cutWindow = levyArea(aB, yB, aW, yW) + levyArea(aW1, yW1, aW - aW1, yW - yW1);
          // Chen: area(x * y) = area(x) + area(y) + ½ x ∧ y; the areas of the pieces of one chord vanish.
          const scale = 1e-12 * (aB + aW) * (yB + yW) + 1e-12;
          const path = areaOfPath([
            [aB1, yB1],
            [aB - aB1, yB - yB1],
            [aW1, yW1],
            [aW - aW1, yW - yW1],
          ]);
          for (const area of [cutBase, cutWindow, path]) {
            expect(Math.abs(area - levyArea(aB, yB, aW, yW))).toBeLessThanOrEqual(scale);
          }
        },
      ),
    );
  });
});

describe('normalised area', () => {
  test.each([
    [400, 400, 100, 70, -2.710106259000156],
    [400, 410, 100, 160, 4.309003717458379],
    [50, 3, 20, 0, -1.4201611607020492],
    [50_000, 50_000, 9000, 7000, -5.682719099047501],
  ])('is √(D·v/(v+ν²ρ²)) with the sign of the area: %d %d %d %d', (aB, yB, aW, yW, z) => {
    expect(normalisedArea(aB, yB, aW, yW, NU)).toBeCloseTo(z, 11);
  });

  test('is to first order 2·|area| / √(ρ·A_B·A_W·(A_B+A_W)) without the floor', () => {
    const [aB, yB, aW, yW] = [4e5, 4e5, 1e5, 0.999e5];
    const rho = (yB + yW) / (aB + aW);
    const firstOrder = (2 * levyArea(aB, yB, aW, yW)) / Math.sqrt(rho * aB * aW * (aB + aW));
    expect(normalisedArea(aB, yB, aW, yW, 0) / firstOrder).toBeCloseTo(1, 3);
  });

  test('is 0 where nothing can be compared', () => {
    for (const chords of [
      [0, 0, 10, 5],
      [10, 5, 0, 0],
      [0, 5, 10, 5],
      [10, 5, 0, 7],
      [10, 0, 10, 0],
    ] as const) {
      const [aB, yB, aW, yW] = chords;
      expect(normalisedArea(aB, yB, aW, yW, NU)).toBe(0);
    }
  });

  test('more counts in the same proportions never weaken it', () => {
    fc.assert(
      fc.property(
        weight,
        clicks,
        weight,
        clicks,
        fc.double({ min: 1, max: 1e4, noNaN: true }),
        (aB, yB, aW, yW, factor) => {
          const before = Math.abs(normalisedArea(aB, yB, aW, yW, NU));
          const after = Math.abs(normalisedArea(factor * aB, factor * yB, factor * aW, factor * yW, NU));
          expect(after).toBeGreaterThanOrEqual(before - 1e-9);
        },
      ),
      { numRuns: 2000 },
    );
  });

  test('cannot pass δ/ν, the gate against small changes, however many counts there are', () => {
    expect(Math.abs(normalisedArea(1e12, 1e12, 1e12, 0.9e12, NU))).toBeLessThan(0.106 / NU);
    expect(Math.abs(normalisedArea(1e12, 1e12, 1e12, 0.85e12, NU))).toBeGreaterThan(3);
  });
});
