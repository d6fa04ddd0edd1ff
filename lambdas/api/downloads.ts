import type * as z from 'zod';
import { downloadQuery, MAX_INLINE_BYTES } from '../contracts/api/downloads.ts';
import { actionQueueKey, documentKey, type JobRun, reportCsvKey } from '../contracts/object-keys.ts';
import type { ApiRequest, ApiResponse } from '../http/exchange.ts';
import { parseQuery } from '../http/input.ts';
import type { ObjectInfo } from '../ports/object-store.ts';
import { actionQueueCsv } from './action-queue.ts';
import { findResult, notStored } from './find-result.ts';
import type { QueryServices } from './query-services.ts';

/** A file as it is fetched. */
export interface DownloadFile {
  readonly key: string;
  readonly fileName: string;
  readonly contentType: string;
}

export const CSV = 'text/csv; charset=utf-8';

/** The result document (analysis spec §10). */
export async function getResult(services: QueryServices, request: ApiRequest): Promise<ApiResponse> {
  const { delivery } = parseQuery(downloadQuery, request);
  const { run } = await findResult(services, request);
  const fileName = `${run.jobId}-result.json`;
  return deliver(services, delivery, { key: documentKey(run), fileName, contentType: 'application/json' });
}

/** The report, a row a creative. */
export async function getReport(services: QueryServices, request: ApiRequest): Promise<ApiResponse> {
  const { delivery } = parseQuery(downloadQuery, request);
  const { run } = await findResult(services, request);
  const fileName = `${run.jobId}-report.csv`;
  return deliver(services, delivery, { key: reportCsvKey(run), fileName, contentType: CSV });
}

/** What to do about which creative, worst first: made when it is first asked for. */
export async function getActionQueue(services: QueryServices, request: ApiRequest): Promise<ApiResponse> {
  const { delivery } = parseQuery(downloadQuery, request);
  const { run } = await findResult(services, request);
  const file = actionQueueFile(run);
  if ((await services.objects.head(file.key, null)) === null) {
    if ((await services.results.result(run)) === null) throw notStored();
    const rows = actionQueueCsv(services.results, run.tenant, [run]);
    await services.objects.putIfAbsent(file.key, rows, file.contentType);
  }
  return deliver(services, delivery, file);
}

function actionQueueFile(run: JobRun): DownloadFile {
  return { key: actionQueueKey(run), fileName: `${run.jobId}-action-queue.csv`, contentType: CSV };
}

/** Answers a file: itself when it is short, otherwise, or where that is asked for, with a link to it. */
export async function deliver(
  { objects, links }: Pick<QueryServices, 'objects' | 'links'>,
  delivery: z.output<typeof downloadQuery>['delivery'],
  { key, fileName, contentType }: DownloadFile,
): Promise<ApiResponse> {
  const object = await objects.head(key, null);
  if (object === null) throw new Error(`The object ${key} of a job that succeeded is not there.`);
  if (delivery === undefined && object.bytes <= MAX_INLINE_BYTES) {
    return { status: 200, headers: fileHeaders(fileName, contentType), body: await bytesOf(objects, object) };
  }
  const link = await links.to(key, fileName);
  if (delivery === 'link') return { status: 200, body: { ...link, bytes: object.bytes, contentType } };
  return { status: 303, headers: { Location: link.url } };
}

function bytesOf(objects: QueryServices['objects'], object: ObjectInfo): Promise<Uint8Array> {
  return objects.read(object, { start: 0, end: object.bytes });
}

function fileHeaders(fileName: string, contentType: string): Record<string, string> {
  return { 'Content-Type': contentType, 'Content-Disposition': `attachment; filename="${fileName}"` };
}
