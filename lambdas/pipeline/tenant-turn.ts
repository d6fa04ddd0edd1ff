import type { Job } from '../contracts/job.ts';
import { METRICS } from '../contracts/metric-names.ts';
import type { PipelineContext } from './context.ts';
import { changeJob, refOf, runOf, timeOf } from './job-record.ts';

const HEAVY_BUCKET = 'heavy-analysis';
/** The longest a queue delays a message. */
const MAX_DELAY_SECONDS = 900;
/** Nobody knows when another job of the tenant will be over. */
const ROOM_DELAY_SECONDS = 30;

/** What a job waits for. */
interface Wait {
  readonly seconds: number;
  readonly message: string;
}

/**
 * Whether a job may start: its tenant has room for it, and a heavy one takes a token. Otherwise it waits, visibly, and
 * its message comes again.
 */
export async function hasTurn(context: PipelineContext, job: Job): Promise<boolean> {
  const { clock, queue, metrics } = context;
  const now = clock.now();
  // Another copy of this message is on its way already, and there shall be only one.
  if (job.waitingUntil !== null && now < Date.parse(job.waitingUntil)) return false;
  const wait = await takeTurn(context, job);
  if (wait === null) return true;
  await queue.send([{ type: 'plan', ...runOf(job) }], wait.seconds);
  const waitingUntil = timeOf(now + wait.seconds * 1000);
  const isFirst = job.waitingFor !== 'tenant_limit';
  await changeJob(context, job, (current) => {
    if (current.run !== job.run || current.state !== 'PENDING') return null;
    const event = { kind: 'waiting', message: wait.message } as const;
    return { set: { waitingFor: 'tenant_limit', waitingUntil }, ...(isFirst ? { event } : {}) };
  });
  if (isFirst) metrics.count(METRICS.jobsDelayed);
  return false;
}

/** @returns null when the job may start; a job that has to wait is not counted meanwhile */
async function takeTurn({ inFlight, rates, settings }: PipelineContext, job: Job): Promise<Wait | null> {
  const { inFlightJobs, inFlightBytes, inFlightLeaseSeconds, heavyBytes, heavyPerMinute } = settings;
  const bytes = job.source.bytes ?? 0;
  const limits = { jobs: inFlightJobs, bytes: inFlightBytes, leaseSeconds: inFlightLeaseSeconds };
  if (!(await inFlight.enter(refOf(job), bytes, limits))) {
    const message = `Waits for its turn: ${inFlightJobs} analyses of one tenant run at a time, of ${inFlightBytes} bytes together.`;
    return { seconds: ROOM_DELAY_SECONDS, message };
  }
  if (bytes <= heavyBytes) return null;
  const rate = { capacity: heavyPerMinute, refillPerMinute: heavyPerMinute };
  const token = await rates.take(job.tenant, HEAVY_BUCKET, rate);
  if (token.taken) return null;
  await inFlight.leave(refOf(job));
  const message = `Waits for its turn: ${heavyPerMinute} large analyses a minute start for one tenant.`;
  return { seconds: Math.min(MAX_DELAY_SECONDS, token.retryAfterSeconds), message };
}
