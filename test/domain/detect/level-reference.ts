import type { ChangePoint } from '../../../lambdas/domain/detect/detector.ts';

/**
 * The level detector written down as docs/detection.md reads: every sum anew for every observation, no shared
 * code with the product. Slow on purpose.
 */
export interface ReferenceResult {
  readonly changePoints: ChangePoint[];
  /** max|z| by observation from 16 on. */
  readonly values: number[];
  /** The largest −z over all observations and windows of a run that never restarts. */
  readonly largestFall: number;
}

interface Day {
  readonly c: number;
  readonly n: number;
}

export interface Weighted {
  readonly a: number;
  readonly y: number;
}

const total = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0);

/** Steps 1 and 2: the days of [b, t] as weighted steps. */
function weigh(days: readonly Day[], b: number, t: number): Weighted[] {
  const base = days.slice(b, t - 2);
  const shown = total(base.map((day) => day.n));
  if (shown === 0) return [];
  const r = (total(base.map((day) => (day.n === 0 ? 0 : day.c))) + 0.5) / shown;
  const k0 = 0.12 ** 2;
  let hq = 10 * k0;
  let h = 10;
  for (const { c, n } of base) {
    const e = r * n;
    if (e === 0) continue;
    const q = ((c - e) ** 2 - e) / e ** 2;
    const hi = ((k0 * e) / (1 + k0 * e)) ** 2;
    hq += hi * q;
    h += hi;
  }
  const k2 = Math.max(hq / h, 0.02 ** 2);
  return days.slice(b, t + 1).map(({ c, n }) => {
    const e = r * n;
    const w = e === 0 ? 0 : 1 / (1 + e * k2);
    return { a: w * e, y: w * c };
  });
}

/** Step 3: the last L of some weighted steps against the rest. */
function zOf(steps: readonly Weighted[], L: number): number {
  const base = steps.slice(0, steps.length - L);
  const window = steps.slice(steps.length - L);
  const aB = total(base.map((s) => s.a));
  const yB = total(base.map((s) => s.y));
  const aW = total(window.map((s) => s.a));
  const yW = total(window.map((s) => s.y));
  if (aB === 0 || aW === 0 || yB + yW === 0) return 0;
  const area = 0.5 * (aB * yW - aW * yB);
  const rhoB = yB / aB;
  const rhoW = yW / aW;
  const rho = (yB + yW) / (aB + aW);
  const v = rho * (1 / aB + 1 / aW);
  const D = 2 * ((yB === 0 ? 0 : yB * Math.log(rhoB / rho)) + (yW === 0 ? 0 : yW * Math.log(rhoW / rho)));
  return Math.sign(area) * Math.sqrt((Math.max(0, D) * v) / (v + 0.04 ** 2 * rho ** 2));
}

/** The z of every window that has a base of at least 14. */
function windowZs(steps: readonly Weighted[]): number[] {
  return [3, 7, 14, 28].filter((L) => steps.length - L >= 14).map((L) => (L === 3 ? 0.7 : 1) * zOf(steps, L));
}

/** Step 4: the new start, relative to the old. */
export function splitOf(steps: readonly Weighted[], sign: number): number {
  let best = 0;
  let split = -1;
  for (let L = 1; L <= 42 && steps.length - L >= 14; L++) {
    const z = sign * zOf(steps, L);
    if (z > best * (1 + 1e-9)) {
      best = z;
      split = steps.length - L;
    }
  }
  return split;
}

/** Weighted squares a regressor removes from y/a beside a constant, or 0 when its slope has the wrong sign. */
function removed(steps: readonly Weighted[], x: readonly number[], sign: number): number {
  const used = steps.map((s, i) => ({ ...s, x: x[i]! })).filter((s) => s.a > 0);
  const a = total(used.map((s) => s.a));
  const meanX = total(used.map((s) => s.a * s.x)) / a;
  const meanY = total(used.map((s) => s.y)) / a;
  const sxx = total(used.map((s) => s.a * (s.x - meanX) ** 2));
  const sxy = total(used.map((s) => (s.y - s.a * meanY) * (s.x - meanX)));
  return sxx > 1e-12 * total(used.map((s) => s.a * s.x ** 2)) && sign * sxy > 0 ? sxy ** 2 / sxx : 0;
}

/** Step 5, relative to the start of the regime; the split where nothing fits. */
export function onsetOf(steps: readonly Weighted[], sign: number): number {
  const t = steps.length - 1;
  let best = 0;
  let onset = splitOf(steps, sign);
  for (let s = t; s >= 5; s--) {
    const step =
      s > t - 42
        ? removed(
            steps,
            steps.map((_, i) => (i >= s ? 1 : 0)),
            sign,
          )
        : 0;
    const hinge =
      s < t - 5
        ? removed(
            steps,
            steps.map((_, i) => Math.max(0, i - s + 1)),
            sign,
          )
        : 0;
    if (Math.max(step, hinge) > best * (1 + 1e-9)) {
      best = Math.max(step, hinge);
      onset = s;
    }
  }
  return onset;
}

export function referenceLevel(
  clicks: ArrayLike<number>,
  exposure: ArrayLike<number>,
  threshold: number,
): ReferenceResult {
  const days = Array.from(clicks, (c, i) => ({ c, n: exposure[i]! }));
  const changePoints: ChangePoint[] = [];
  const values: number[] = [];
  let largestFall = 0;
  let b = 0;
  for (let t = 16; t < days.length; t++) {
    for (const z of windowZs(weigh(days, 0, t))) largestFall = Math.max(largestFall, -z);
    const steps = weigh(days, b, t);
    const zs = windowZs(steps);
    const z = zs.reduce((most, next) => (Math.abs(next) > Math.abs(most) ? next : most), 0);
    values.push(Math.abs(z));
    if (Math.abs(z) <= threshold) continue;
    const sign = Math.sign(z);
    changePoints.push({
      index: t,
      onsetIndex: b + onsetOf(steps, sign),
      direction: sign < 0 ? 'worse' : 'better',
      score: Math.abs(z),
    });
    b += splitOf(steps, sign);
  }
  return { changePoints, values, largestFall };
}
