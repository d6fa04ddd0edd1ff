/** The error codes of an analysis (analysis spec, section 11). The API, jobs and the command line use the same. */
export const ANALYSIS_ERROR_CODES = [
  'invalid_request',
  'dataset_too_large',
  'unsupported_format',
  'missing_columns',
  'too_many_rejected_rows',
  'overflow',
  'empty_dataset',
  'corrupt_archive',
  'cancelled',
  'internal',
] as const;

export type AnalysisErrorCode = (typeof ANALYSIS_ERROR_CODES)[number];

/** A refusal that says what happened (`message`) and what the caller can do about it (`remedy`). */
export class AnalysisError extends Error {
  readonly code: AnalysisErrorCode;
  readonly remedy: string | null;

  constructor(
    code: AnalysisErrorCode,
    message: string,
    remedy: string | null = null,
    options?: ErrorOptions,
  ) {
    super(message, options);
    this.name = 'AnalysisError';
    this.code = code;
    this.remedy = remedy;
  }
}
