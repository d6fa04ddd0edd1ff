/** Every parameter of an analysis (analysis spec, sections 1, 3, 4, 5, 7, 8, 10), fully resolved: no field is optional. */
export interface AnalysisParameters {
  readonly detector: DetectorName;
  /** Observations in a signature window (spec §4). */
  readonly windowSize: number;
  /** Truncation depth of the log-signature of a window (spec §4). */
  readonly signatureDepth: number;
  /** `k` of the shape detector: a distance above mean + k standard deviations is a candidate (spec §5). */
  readonly threshold: number;
  /** Fewest observations between two change points of the shape detector (spec §5). */
  readonly minSeparation: number;
  /** `h` of the level detector: |z| above it alarms (spec §5). */
  readonly levelThreshold: number;
  readonly minDays: number;
  readonly maxGapDays: number;
  readonly minDensity: number;
  readonly benchmarkRule: BenchmarkRule;
  readonly impactScope: ImpactScope;
  /** A dataset fails when rejected / read is above this (spec §1). */
  readonly maxRejectedFraction: number;
  /** Whether the report carries every window distance and not only their summary (spec §10). */
  readonly includeDistances: boolean;
  /** False discovery rate of the optional Benjamini-Hochberg list over the dataset; null leaves it out. */
  readonly falseDiscoveryRate: number | null;
}

export const DETECTORS = ['level', 'shape'] as const;
export const BENCHMARK_RULES = ['best', 'longest'] as const;
export const IMPACT_SCOPES = ['worse', 'declining', 'after', 'all'] as const;

export type DetectorName = (typeof DETECTORS)[number];
type BenchmarkRule = (typeof BENCHMARK_RULES)[number];
export type ImpactScope = (typeof IMPACT_SCOPES)[number];

/**
 * Fills in the defaults of the spec. Three of them depend on another parameter: `minSeparation` is the window
 * size, `benchmarkRule` and `impactScope` follow the detector (spec §7, §8).
 */
export function resolveParameters(given: Partial<AnalysisParameters> = {}): AnalysisParameters {
  const detector = given.detector ?? 'level';
  const windowSize = given.windowSize ?? 7;
  return {
    detector,
    windowSize,
    signatureDepth: given.signatureDepth ?? 4,
    threshold: given.threshold ?? 1.5,
    minSeparation: given.minSeparation ?? windowSize,
    levelThreshold: given.levelThreshold ?? 3,
    minDays: given.minDays ?? 30,
    maxGapDays: given.maxGapDays ?? 7,
    minDensity: given.minDensity ?? 0.5,
    benchmarkRule: given.benchmarkRule ?? (detector === 'shape' ? 'longest' : 'best'),
    impactScope: given.impactScope ?? (detector === 'shape' ? 'declining' : 'worse'),
    maxRejectedFraction: given.maxRejectedFraction ?? 0.01,
    includeDistances: given.includeDistances ?? false,
    falseDiscoveryRate: given.falseDiscoveryRate ?? null,
  };
}
