/** What the level statistic is made of. Every constant of the detector but its threshold stands here. */
export interface LevelSettings {
  /** κ₀: relative day-to-day spread of the true rate assumed before any day is seen. */
  readonly priorDispersion: number;
  /** m₀: fully informative days the assumption κ₀ is worth. */
  readonly priorDays: number;
  /** Smallest κ̂ believed: rates are never steadier than this. */
  readonly leastDispersion: number;
  /** ν: standard deviation of slow relative wander of the level that is not an event. */
  readonly wander: number;
  /** Newest observations that are not yet part of the baseline rate and dispersion. */
  readonly baselineLag: number;
  /** Fewest observations of a base segment. */
  readonly leastBase: number;
  /** Window lengths L, in increasing order, with the factor on z of each. */
  readonly windows: readonly { readonly length: number; readonly factor: number }[];
  /** Longest window tried when the regime restarts, and oldest step considered as an onset. */
  readonly longestSplit: number;
  /** Observations of the regime before any onset, and of a hinge after it. */
  readonly onsetMargin: number;
}

/**
 * Version 1 of the level detector (`docs/detection.md` gives the reason and the measurement behind each constant),
 * tuned on the benchmark of `bench/detection`.
 */
export const LEVEL_SETTINGS: LevelSettings = {
  priorDispersion: 0.12,
  priorDays: 10,
  leastDispersion: 0.02,
  wander: 0.04,
  baselineLag: 3,
  leastBase: 14,
  windows: [
    { length: 3, factor: 0.7 },
    { length: 7, factor: 1 },
    { length: 14, factor: 1 },
    { length: 28, factor: 1 },
  ],
  longestSplit: 42,
  onsetMargin: 5,
};

/** The first observation of a regime that starts at 0 at which the statistic exists: the shortest window after a base. */
export function firstStatistic(settings: LevelSettings): number {
  return settings.leastBase + (settings.windows[0]?.length ?? 1) - 1;
}
