import type { FatigueStatus } from '../../lambdas/domain/report/document.ts';
import type { Style } from '../terminal/style.ts';

interface StatusWords {
  readonly glyph: string;
  /** For a table cell. */
  readonly short: string;
  /** For a sentence. */
  readonly long: string;
  readonly styles: readonly Style[];
}

/** How each status is shown: glyph and word always, so that colour only repeats what is said. */
export const STATUS_WORDS: Readonly<Record<FatigueStatus, StatusWords>> = {
  terminal_decline: { glyph: '■', short: 'terminal', long: 'terminal decline', styles: ['bold', 'magenta'] },
  fatigued: { glyph: '▲', short: 'fatigued', long: 'fatigued', styles: ['red'] },
  early_fatigue: { glyph: '◆', short: 'early', long: 'early fatigue', styles: ['yellow'] },
  healthy: { glyph: '●', short: 'healthy', long: 'healthy', styles: ['green'] },
  unknown: { glyph: '○', short: 'unknown', long: 'not enough evidence', styles: ['dim'] },
};

/** From worst to best, `unknown` last: the order of the summary line. */
export const STATUSES_BY_SEVERITY = [
  'terminal_decline',
  'fatigued',
  'early_fatigue',
  'healthy',
  'unknown',
] as const satisfies readonly FatigueStatus[];

export const FAIL_ON_CHOICES = ['early-fatigue', 'fatigued', 'terminal-decline'] as const;
export type FailOn = (typeof FAIL_ON_CHOICES)[number];

/** What `--fail-on` stands for: the status it names and every worse one. `unknown` is no finding and never fails. */
export const FAILING_STATUSES: Readonly<Record<FailOn, readonly FatigueStatus[]>> = {
  'early-fatigue': ['early_fatigue', 'fatigued', 'terminal_decline'],
  fatigued: ['fatigued', 'terminal_decline'],
  'terminal-decline': ['terminal_decline'],
};
