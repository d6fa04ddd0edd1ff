import { normalisedArea } from './level-chords.ts';
import type { LevelSettings } from './level-settings.ts';

/** The counts of a series, one entry an observation: clicks, and the impressions or spend they are held against. */
export interface Counts {
  readonly clicks: Float64Array;
  readonly exposure: Float64Array;
}

/** Steps of a weighted path, one entry an observation: a_i = w_i·e_i and y_i = w_i·c_i. */
export interface WeightedPath {
  readonly a: Float64Array;
  readonly y: Float64Array;
}

/**
 * The level statistic of one regime: a stretch of a series whose first observation is `start`
 * (docs/detection.md, steps 1–3). `observe(t)` uses observations start … t only and must be called with
 * increasing t. It takes time proportional to t − start, because the weight of every day follows the rate and the
 * dispersion as they are known at t, and allocates nothing.
 */
export class LevelRegime {
  readonly start: number;
  /** The z of largest |z| over the windows at the last observation observed, signed; 0 when there is no window. */
  z = 0;
  /** The largest −z over the windows at the last observation observed; −Infinity when there is no window. */
  fall = Number.NEGATIVE_INFINITY;

  readonly #counts: Counts;
  readonly #settings: LevelSettings;
  /** Pairs (a, y) by window k: chord of its base, and of the part of it that the next longer window's base lacks. */
  readonly #base: Float64Array;
  readonly #step: Float64Array;
  readonly #chord = new Float64Array(2);
  #learned: number;
  #clicks = 0;
  #exposure = 0;
  #rate = 0;
  #dispersion = 0;

  constructor(counts: Counts, start: number, settings: LevelSettings) {
    this.start = start;
    this.#counts = counts;
    this.#settings = settings;
    this.#base = new Float64Array(2 * settings.windows.length);
    this.#step = new Float64Array(2 * settings.windows.length);
    this.#learned = start;
  }

  /** Moves on to observation t; `z` and `fall` then belong to it. */
  observe(t: number): void {
    this.z = 0;
    this.fall = Number.NEGATIVE_INFINITY;
    const shortest = this.#settings.windows[0]?.length ?? 1;
    if (t + 1 - shortest - this.start < this.#settings.leastBase) return;
    this.#learn(t);
    // Nothing but days without exposure so far: there is no rate to compare with.
    if (this.#exposure > 0) this.#compare(this.#splitBases(t));
  }

  /** The weighted steps of observations start … t, where t is the last observation observed. */
  weightedPath(t: number): WeightedPath {
    const length = t + 1 - this.start;
    const a = new Float64Array(length);
    const y = new Float64Array(length);
    for (let i = 0; i < length; i++) {
      sumChord(this.#counts, this.start + i, this.start + i + 1, this.#rate, this.#dispersion, this.#chord);
      a[i] = this.#chord[0] ?? 0;
      y[i] = this.#chord[1] ?? 0;
    }
    return { a, y };
  }

  /** Baseline rate and dispersion from the observations up to t − baselineLag. */
  #learn(t: number): void {
    const { clicks, exposure } = this.#counts;
    const end = t + 1 - this.#settings.baselineLag;
    for (; this.#learned < end; this.#learned++) {
      const shown = exposure[this.#learned] ?? 0;
      if (shown === 0) continue;
      this.#clicks += clicks[this.#learned] ?? 0;
      this.#exposure += shown;
    }
    // Half a click more than was seen keeps the expected clicks positive.
    this.#rate = (this.#clicks + 0.5) / this.#exposure;
    this.#dispersion = squaredDispersion(this.#counts, this.start, end, this.#rate, this.#settings);
  }

  /** Sums the chord of every base that is long enough, longest window first. Returns how many windows have one. */
  #splitBases(t: number): number {
    const { windows, leastBase } = this.#settings;
    let from = this.start;
    let a = 0;
    let y = 0;
    let usable = 0;
    for (let k = windows.length - 1; k >= 0; k--) {
      const end = t + 1 - (windows[k]?.length ?? 0);
      if (end - this.start < leastBase) continue;
      if (usable === 0) usable = k + 1;
      sumChord(this.#counts, from, end, this.#rate, this.#dispersion, this.#chord);
      const stepA = this.#chord[0] ?? 0;
      const stepY = this.#chord[1] ?? 0;
      a += stepA;
      y += stepY;
      this.#step[2 * k] = stepA;
      this.#step[2 * k + 1] = stepY;
      this.#base[2 * k] = a;
      this.#base[2 * k + 1] = y;
      from = end;
    }
    sumChord(this.#counts, from, t + 1, this.#rate, this.#dispersion, this.#chord);
    return usable;
  }

  /** z of the `usable` shortest windows: each window is the next shorter one and the step before it. */
  #compare(usable: number): void {
    const { windows, wander } = this.#settings;
    let a = this.#chord[0] ?? 0;
    let y = this.#chord[1] ?? 0;
    for (let k = 0; k < usable; k++) {
      const z =
        (windows[k]?.factor ?? 1) *
        normalisedArea(this.#base[2 * k] ?? 0, this.#base[2 * k + 1] ?? 0, a, y, wander);
      if (Math.abs(z) > Math.abs(this.z)) this.z = z;
      if (-z > this.fall) this.fall = -z;
      a += this.#step[2 * k] ?? 0;
      y += this.#step[2 * k + 1] ?? 0;
    }
  }
}

/**
 * κ̂²: squared relative spread of the daily rates of observations start … end − 1 beyond Poisson, drawn towards κ₀²
 * and never below the least one. A day is worth h = (κ₀²e/(1+κ₀²e))² observations, so a day of few expected clicks
 * says little and a day without exposure nothing.
 */
export function squaredDispersion(
  counts: Counts,
  start: number,
  end: number,
  rate: number,
  settings: Pick<LevelSettings, 'priorDispersion' | 'priorDays' | 'leastDispersion'>,
): number {
  const { clicks, exposure } = counts;
  const prior = settings.priorDispersion * settings.priorDispersion;
  let excess = 0;
  let days = 0;
  for (let i = start; i < end; i++) {
    const expected = rate * (exposure[i] ?? 0);
    if (expected > 0) {
      const residual = (clicks[i] ?? 0) - expected;
      const shrink = prior / (1 + prior * expected);
      const perSquare = shrink * shrink;
      // h·q and h, with the e² of q's denominator cancelled.
      excess += perSquare * (residual * residual - expected);
      days += perSquare * expected * expected;
    }
  }
  const squared = (settings.priorDays * prior + excess) / (settings.priorDays + days);
  return Math.max(settings.leastDispersion * settings.leastDispersion, squared);
}

/**
 * Writes the chord of observations start … end − 1, weighted by 1/(1 + e·κ̂²), into `chord`: expected clicks, clicks.
 * A day without exposure has no rate and no weight.
 */
function sumChord(
  counts: Counts,
  start: number,
  end: number,
  rate: number,
  dispersion: number,
  chord: Float64Array,
): void {
  const { clicks, exposure } = counts;
  let a = 0;
  let y = 0;
  for (let i = start; i < end; i++) {
    const expected = rate * (exposure[i] ?? 0);
    const weight = expected > 0 ? 1 / (1 + expected * dispersion) : 0;
    a += weight * expected;
    y += weight * (clicks[i] ?? 0);
  }
  chord[0] = a;
  chord[1] = y;
}
