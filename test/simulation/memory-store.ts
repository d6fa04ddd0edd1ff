import { createHash } from 'node:crypto';
import type { Job, JobEvent, JobRef, Watch } from '../../lambdas/contracts/job.ts';
import { jobSchema, watchOf } from '../../lambdas/contracts/job.ts';
import type { JobRun } from '../../lambdas/contracts/object-keys.ts';
import { canMove } from '../../lambdas/domain/job/states.ts';
import { type BucketLevel, type BucketRate, takeTokens } from '../../lambdas/domain/job/token-bucket.ts';
import type { JobFailure } from '../../lambdas/ports/alerts.ts';
import type { CommitSet, CommitValue, EventListQuery, JobListQuery } from '../../lambdas/ports/job-store.ts';
import type { ObjectInfo, ObjectVersion } from '../../lambdas/ports/object-store.ts';

import { MemoryInFlight } from './memory-in-flight.ts';
import { MemoryWebhooks } from './memory-webhooks.ts';

/** Everything the pipeline keeps, in memory: what survives the death of every worker. */
export class MemoryStore {
  readonly jobs = new Map<string, Job>();
  readonly events = new Map<string, JobEvent>();
  readonly sets = new Map<string, Map<number, CommitValue>>();
  readonly objects = new Map<string, { info: ObjectInfo; bytes: Uint8Array }[]>();
  readonly buckets = new Map<string, BucketLevel>();
  readonly inFlight = new MemoryInFlight();
  readonly webhooks = new MemoryWebhooks();
  readonly failures: JobFailure[] = [];
  readonly counts = new Map<string, number>();
  /** Runs whose results can be searched. */
  readonly loaded = new Set<string>();
  /** Runs whose days are in the history of their dataset. */
  readonly joined = new Set<string>();
  /** What no store should ever see, whatever the faults. */
  readonly violations: string[] = [];

  get({ tenant, jobId }: JobRef): Job | null {
    return this.jobs.get(`${tenant}/${jobId}`) ?? null;
  }

  create(job: Job, events: readonly JobEvent[]): 'created' | 'exists' {
    const key = `${job.tenant}/${job.id}`;
    if (this.jobs.has(key)) return 'exists';
    this.jobs.set(key, job);
    for (const event of events) this.append({ tenant: job.tenant, jobId: job.id }, event);
    return 'created';
  }

  replace(job: Job, events: readonly JobEvent[]): 'replaced' | 'conflict' {
    const key = `${job.tenant}/${job.id}`;
    const before = this.jobs.get(key);
    if (before?.revision !== job.revision - 1) return 'conflict';
    if (job.state !== before.state && !canMove(before.state, job.state))
      this.violations.push(`${before.state} to ${job.state}`);
    jobSchema.parse(job);
    this.jobs.set(key, job);
    for (const event of events) this.append({ tenant: job.tenant, jobId: job.id }, event);
    return 'replaced';
  }

  append({ tenant, jobId }: JobRef, event: JobEvent): void {
    this.events.set(`${tenant}/${jobId}/${event.at}/${event.id}`, event);
  }

  timeline({ tenant, jobId }: JobRef): JobEvent[] {
    const own = [...this.events].filter(([key]) => key.startsWith(`${tenant}/${jobId}/`));
    return own.sort(([a], [b]) => (a < b ? -1 : 1)).map(([, event]) => event);
  }

  list({ tenant, before, since, limit }: JobListQuery): Job[] {
    const own = [...this.jobs.values()].filter((job) => job.tenant === tenant && job.id >= since);
    const rest = own.filter(({ id }) => before === null || id < before);
    return rest.sort((a, b) => (a.id < b.id ? 1 : -1)).slice(0, limit);
  }

  listEvents(ref: JobRef, { after, order, limit }: EventListQuery): JobEvent[] {
    const place = ({ at, id }: Pick<JobEvent, 'at' | 'id'>) => `${at}#${id}`;
    const events = order === 'oldest' ? this.timeline(ref) : this.timeline(ref).reverse();
    const isLater = (event: JobEvent, than: Pick<JobEvent, 'at' | 'id'>) =>
      order === 'oldest' ? place(event) > place(than) : place(event) < place(than);
    return events.filter((event) => after === null || isLater(event, after)).slice(0, limit);
  }

  set({ tenant, jobId, run, name }: CommitSet): Map<number, CommitValue> {
    const key = `${tenant}/${jobId}/${run}/${name}`;
    const known = this.sets.get(key) ?? new Map();
    this.sets.set(key, known);
    return known;
  }

  commit(set: CommitSet, member: number, value: CommitValue): { size: number } {
    const members = this.set(set);
    if (!members.has(member)) members.set(member, value);
    if (members.size > set.capacity) this.violations.push(`${set.name} has more members than tasks`);
    return { size: members.size };
  }

  listStale(watch: Watch, touchedBefore: string, limit: number): Job[] {
    const stale = [...this.jobs.values()].filter(
      (job) => watchOf(job) === watch && job.touchedAt < touchedBefore,
    );
    return stale.sort((a, b) => (a.touchedAt < b.touchedAt ? -1 : 1)).slice(0, limit);
  }

  take(tenant: string, name: string, rate: BucketRate, now: number) {
    const key = `${tenant}/${name}`;
    const { result, level } = takeTokens(this.buckets.get(key) ?? null, rate, now);
    this.buckets.set(key, level);
    return result;
  }

  load({ tenant, jobId, run }: JobRun): void {
    this.loaded.add(`${tenant}/${jobId}/${run}`);
  }

  join({ tenant, jobId, run }: JobRun): void {
    this.joined.add(`${tenant}/${jobId}/${run}`);
  }

  /** Keys are said to determine their bytes; here that is held against every write. */
  putIfAbsent(key: string, bytes: Uint8Array): 'created' | 'exists' {
    const there = this.find({ key, versionId: null });
    if (there === null) this.put(key, Uint8Array.from(bytes));
    else if (Buffer.compare(there.bytes, bytes) !== 0)
      this.violations.push(`${key} was written again with other bytes`);
    return there === null ? 'created' : 'exists';
  }

  /** Writes a new version of an object. */
  put(key: string, bytes: Uint8Array): ObjectInfo {
    const versions = this.objects.get(key) ?? [];
    const etag = createHash('md5').update(bytes).digest('hex');
    const info = { key, versionId: `v${versions.length + 1}`, etag, bytes: bytes.length };
    versions.push({ info, bytes });
    this.objects.set(key, versions);
    return info;
  }

  find({ key, versionId }: Pick<ObjectVersion, 'key' | 'versionId'>) {
    const versions = this.objects.get(key) ?? [];
    const found = versionId === null ? versions.at(-1) : versions.find((v) => v.info.versionId === versionId);
    return found ?? null;
  }

  text(key: string): string | null {
    const found = this.find({ key, versionId: null });
    return found === null ? null : Buffer.from(found.bytes).toString();
  }
}
