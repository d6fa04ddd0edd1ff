import type { ByteRange } from '../domain/csv/ranges.ts';
import { type DataFolder, folderPrefix } from './key-layout.ts';

/** One run of a job: a redrive that reads the file anew starts the next run, whose objects never mix with these. */
export interface JobRun {
  readonly tenant: string;
  readonly jobId: string;
  /** From 1. */
  readonly run: number;
}

/** Where an upload stands, as its key says. */
export interface UploadKey {
  readonly tenant: string;
  /** Name of the folder: a dataset's id, `inbox`, or whatever a person chose. */
  readonly dataset: string;
  /** The job that was announced with the upload; null for files put there without asking. */
  readonly jobId: string | null;
  readonly fileName: string;
}

export const TENANT_PATTERN = /^[a-z0-9][a-z0-9-]{0,62}$/;
/** `job_` and a ULID, so that ids sort by time. */
export const JOB_ID_PATTERN = /^job_[0-7][0-9A-HJKMNP-TV-Z]{25}$/;
const SIDECAR_PATTERN = /\.(csv|tsv|txt|gz|zst|json)\.json$/i;

/** `uploads/<tenant>/<dataset>/<job>/<file name>`: the key that an announced upload is sent to. */
export function announcedUploadKey({ tenant, dataset, jobId, fileName }: UploadKey): string {
  return `${folderPrefix('uploads')}${[tenant, dataset, jobId, fileName].filter((part) => part !== null).join('/')}`;
}

/** Reads the key of an upload; null when it is not one of the scheme `uploads/<tenant>/<dataset>/…`. */
export function parseUploadKey(key: string): UploadKey | null {
  const prefix = folderPrefix('uploads');
  if (!key.startsWith(prefix)) return null;
  const [tenant = '', dataset = '', ...rest] = key.slice(prefix.length).split('/');
  const announced = rest.length > 1 && JOB_ID_PATTERN.test(rest[0] ?? '') ? rest.shift() : undefined;
  const fileName = rest.join('/');
  if (!TENANT_PATTERN.test(tenant) || dataset === '' || fileName === '' || fileName.endsWith('/'))
    return null;
  return { tenant, dataset, jobId: announced ?? null, fileName };
}

/** What says how to read an upload: `NAME.csv.json` beside `NAME.csv`. It is no upload itself. */
export function sidecarKey(uploadKey: string): string {
  return `${uploadKey}.json`;
}

export function isSidecarKey(key: string): boolean {
  return SIDECAR_PATTERN.test(key);
}

/** The body of a request that was too large for a message. */
export function payloadKey({ tenant, jobId }: Pick<JobRun, 'tenant' | 'jobId'>): string {
  return `${folderPrefix('payloads')}${tenant}/${jobId}.json`;
}

/** The history of a dataset as a run of a job reads it. Whoever writes it first decides what the run is about. */
export function historyKey({ tenant, jobId, run }: JobRun): string {
  return `${folderPrefix('payloads')}${tenant}/${jobId}/${run}/history.csv`;
}

/**
 * The daily totals of one byte range. Range, first record and run determine the bytes, so two workers that write this
 * key write the same.
 */
export function partialKey(run: JobRun, { start, end }: ByteRange, first: number | null): string {
  return `${runPrefix('partials', run)}${start}-${end}-${first ?? 'none'}.cdpt`;
}

/** The daily totals of an input that is read as one stream. */
export function wholePartialKey(run: JobRun): string {
  return `${runPrefix('partials', run)}whole.cdpt`;
}

/** What all partials of a run say together: rows, currency, and where each shard stands in each of them. */
export function manifestKey(run: JobRun): string {
  return `${runPrefix('partials', run)}manifest.json`;
}

/** The analysed items of one shard as JSON lines, in the order of reports. */
export function shardKey(run: JobRun, shard: number, shards: number): string {
  return `${runPrefix('results', run)}shard-${shard}-of-${shards}.jsonl`;
}

/** The daily totals of the items of one shard as JSON lines, in the order of its results. */
export function seriesKey(run: JobRun, shard: number, shards: number): string {
  return `${runPrefix('results', run)}series-${shard}-of-${shards}.jsonl`;
}

/** The result document (analysis spec §10). */
export function documentKey(run: JobRun): string {
  return `${runPrefix('reports', run)}result.json`;
}

export function reportCsvKey(run: JobRun): string {
  return `${runPrefix('reports', run)}analysis_report.csv`;
}

/** What to do about which creative; made when it is first asked for. */
export function actionQueueKey(run: JobRun): string {
  return `${runPrefix('reports', run)}action-queue.csv`;
}

/** What to do about the creatives of several results. @param digest of which results, and what of them */
export function portfolioActionsKey(tenant: string, digest: string): string {
  return `${folderPrefix('reports')}${tenant}/portfolios/${digest}/action-queue.csv`;
}

/** What the keys begin with of everything that a job leaves, its input aside. */
export function jobPrefixes(job: Pick<JobRun, 'tenant' | 'jobId'>): string[] {
  const { tenant, jobId } = job;
  const folders = (['payloads', 'partials', 'results', 'reports'] as const).map(
    (folder) => `${folderPrefix(folder)}${tenant}/${jobId}/`,
  );
  return [payloadKey(job), ...folders];
}

function runPrefix(folder: DataFolder, { tenant, jobId, run }: JobRun): string {
  return `${folderPrefix(folder)}${tenant}/${jobId}/${run}/`;
}
