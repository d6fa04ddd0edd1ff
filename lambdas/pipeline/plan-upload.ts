import type { Job, JobPhase, JobPlan } from '../contracts/job.ts';
import type { PlanMessage } from '../contracts/messages.ts';
import { dispatch, dispatchLeftover } from './advance.ts';
import { analyseInline } from './analyse-inline.ts';
import type { PipelineContext, WorkOutcome } from './context.ts';
import { cutInput } from './cut-input.ts';
import { changeJob, openJob, timeOf } from './job-record.ts';
import { hasTurn } from './tenant-turn.ts';
import { withHistory } from './with-history.ts';

/**
 * Plans a job whose input has arrived: where may it be cut? A small one is done at once; of any other, one message a
 * chunk is sent. A planned job is continued where it stands, which is also how a redrive resumes.
 *
 * @throws AnalysisError when the head of the input shows that it has to be refused; other errors are worth another attempt
 */
export async function planUpload(context: PipelineContext, message: PlanMessage): Promise<WorkOutcome> {
  const opened = await openJob(context, message);
  if (opened === null || opened.state === 'AWAITING_UPLOAD') return 'stale';
  // Before its turn, which goes by the bytes there are to read.
  const job = opened.state === 'PENDING' ? await withHistory(context, opened) : opened;
  if (job === null) return 'stale';
  if (job.state === 'PENDING' && !(await hasTurn(context, job))) return 'waiting';
  const planning = job.state === 'PENDING' ? await startPlanning(context, job) : job;
  if (planning === null) return 'stale';
  const planned = planning.state === 'PLANNING' ? await startProcessing(context, planning) : planning;
  if (planned === null) return 'stale';
  if (planned.phase?.name === 'inline') return analyseInline(context, planned);
  // The job that this worker planned itself has no messages yet; with any other they may have been sent.
  if (planned === planning) await dispatchLeftover(context, planned);
  else await dispatch(context, planned);
  return 'done';
}

function startPlanning(context: PipelineContext, job: Job): Promise<Job | null> {
  const startedAt = job.startedAt ?? timeOf(context.clock.now());
  return changeJob(context, job, (current) => {
    if (current.run !== job.run || current.state !== 'PENDING') return null;
    return {
      set: { state: 'PLANNING', startedAt, waitingFor: null, waitingUntil: null },
      event: { kind: 'state', message: 'A worker reads the head of the file.' },
    };
  });
}

async function startProcessing(context: PipelineContext, job: Job): Promise<Job | null> {
  const { plan, source } = job.plan === null ? await cutInput(context, job) : { ...job, plan: job.plan };
  const phase = job.phase ?? firstPhase(plan);
  return changeJob(context, job, (current) => {
    if (current.run !== job.run || current.state !== 'PLANNING') return null;
    return {
      set: { state: 'PROCESSING', plan, phase, source },
      event: { kind: 'state', message: describe(plan, phase) },
    };
  });
}

function firstPhase(plan: JobPlan): JobPhase {
  if (plan.kind === 'stream' && plan.shards === 1) return { name: 'inline' };
  return { name: 'scan', round: 0, tasks: plan.kind === 'stream' ? 1 : plan.chunks, dispatched: false };
}

function describe(plan: JobPlan, phase: JobPhase): string {
  if (phase.name === 'inline') return 'Small enough for one worker.';
  if (phase.name !== 'scan') return 'Goes on where it stopped.';
  return plan.kind === 'stream'
    ? 'Read as one stream, which cannot be cut.'
    : `${plan.chunks} chunks of ${plan.chunkBytes} bytes to scan.`;
}
