import { describe, expect, it } from 'vitest';
import { exponential, integerPower, Random } from '../../sample/random.ts';

function moments(count: number, draw: () => number): { mean: number; variance: number } {
  const drawn = Array.from({ length: count }, draw);
  const mean = drawn.reduce((sum, value) => sum + value, 0) / count;
  return { mean, variance: drawn.reduce((sum, value) => sum + (value - mean) ** 2, 0) / count };
}

describe('Random', () => {
  it('gives the published first outputs of xoshiro128**', () => {
    const random = new Random([1, 2, 3, 4]);
    const drawn = Array.from({ length: 10 }, () => random.bits());
    expect(drawn).toEqual([
      11520, 0, 5927040, 70819200, 2031721883, 1637235492, 1287239034, 3734860849, 3729100597, 4258142804,
    ]);
  });

  it('gives different sequences to different streams of a seed', () => {
    const firsts = Array.from({ length: 1000 }, (_, stream) => Random.seeded(7, stream).bits());
    expect(new Set(firsts).size).toBe(1000);
  });

  it('draws integers evenly, both bounds included', () => {
    const random = Random.seeded(1);
    const counts = new Map<number, number>();
    for (let i = 0; i < 30_000; i++) {
      const value = random.integer(-1, 1);
      counts.set(value, (counts.get(value) ?? 0) + 1);
    }
    expect([...counts.keys()].sort((a, b) => a - b)).toEqual([-1, 0, 1]);
    for (const count of counts.values()) expect(Math.abs(count - 10_000)).toBeLessThan(400);
  });

  it('draws normals of mean 0 and variance 1', () => {
    const random = Random.seeded(2);
    const { mean, variance } = moments(20_000, () => random.normal());
    expect(Math.abs(mean)).toBeLessThan(0.03);
    expect(Math.abs(variance - 1)).toBeLessThan(0.04);
  });

  it.each([
    [40, 0.02],
    [2_000, 0.01],
    [50_000, 0.015],
    [3, 0.5],
  ])('draws binomial(%i, %f) with its mean and variance, inside its range', (n, p) => {
    const random = Random.seeded(3);
    const drawn: number[] = [];
    const { mean, variance } = moments(20_000, () => {
      const value = random.binomial(n, p);
      drawn.push(value);
      return value;
    });
    const exact = n * p * (1 - p);
    expect(Math.abs(mean - n * p)).toBeLessThan(5 * Math.sqrt(exact / 20_000));
    expect(Math.abs(variance / exact - 1)).toBeLessThan(0.06);
    expect(drawn.every((value) => Number.isInteger(value) && value >= 0 && value <= n)).toBe(true);
  });

  it('draws no success from no trials or a zero rate', () => {
    expect(Random.seeded(4).binomial(0, 0.3)).toBe(0);
    expect(Random.seeded(4).binomial(1000, 0)).toBe(0);
  });
});

it('computes powers and the exponential by arithmetic alone', () => {
  for (const x of [-5, -1.3, 0, 0.02, 2.2, 5]) expect(exponential(x) / Math.exp(x)).toBeCloseTo(1, 9);
  for (const n of [0, 1, 2, 7, 100]) expect(integerPower(0.97, n)).toBeCloseTo(0.97 ** n, 12);
});
