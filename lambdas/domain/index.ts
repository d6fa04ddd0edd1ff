/**
 * The engine: path signatures, and the analysis of advertising creatives that is built on them. Everything here is a
 * pure function of its arguments; nothing reads a clock, a file or the network.
 */
export { type AnalyzedItem, analyze, analyzeItem, type DatasetDays } from './analysis.ts';
export { ANALYSIS_ERROR_CODES, AnalysisError, type AnalysisErrorCode } from './errors.ts';
export { type Dataset, type DatasetOptions, type DatasetProgress, readDataset } from './input/dataset.ts';
export type { ColumnMapping } from './observation/columns.ts';
export type { RejectReason, RejectSample, RowCounts } from './observation/reject.ts';
export type { AnalysisParameters } from './parameters.ts';
export type { AnalysisDocument, ItemResult, MetricResult, Verdict } from './report/document.ts';
export { reportCsv } from './report/report-csv.ts';
export { serializeDocument } from './report/serialize.ts';
export {
  chen,
  logSignature,
  logSignatureLength,
  lyndonWords,
  type SignatureOptions,
  type SlidingOptions,
  signature,
  signatureLength,
  slidingLogSignatures,
} from './signature/index.ts';
export type { ItemDays } from './totals/item-days.ts';
export { ENGINE_VERSION } from './version.ts';
