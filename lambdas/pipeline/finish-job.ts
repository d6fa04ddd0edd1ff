import type { Job } from '../contracts/job.ts';
import { METRICS } from '../contracts/metric-names.ts';
import { JOB_OBJECTIVE, STANDARD_JOB } from '../contracts/objectives.ts';
import type { StatusCounts } from '../domain/report/dataset-tally.ts';
import type { AnalysisDocument } from '../domain/report/document.ts';
import { announceEnd } from './announce-end.ts';
import type { PipelineContext } from './context.ts';
import { changeJob, refOf, timeOf } from './job-record.ts';
import { joinHistory } from './join-history.ts';

const DAY_MS = 24 * 60 * 60 * 1000;

/** What a job says of its result by itself. */
interface Outcome extends Pick<AnalysisDocument, 'rows' | 'totals'> {
  readonly statuses: StatusCounts;
  /** Whether the result can be searched, or could not be made so just now. */
  readonly stored: boolean;
}

/**
 * Ends a job whose reports are written.
 *
 * @returns whether it was this call that ended it: false when it was stopped, or ended by another worker
 */
export async function finishJob(
  context: PipelineContext,
  job: Job,
  { rows: { read, rejected }, totals, statuses, stored }: Outcome,
): Promise<boolean> {
  const now = context.clock.now();
  const ended = await changeJob(context, job, (current) => {
    if (current.run !== job.run || current.state !== 'REPORTING') return null;
    return {
      set: {
        state: 'SUCCEEDED',
        finishedAt: timeOf(now),
        resultExpiresAt: timeOf(now + context.settings.resultDays * DAY_MS),
        rows: { read, rejected },
        totals,
        statuses,
        stored,
        announced: false,
        ...(current.history === 'adds' && { joined: false }),
      },
      event: { kind: 'state', message: `${totals.items} creatives, ${totals.analysed} of them analysed.` },
    };
  });
  if (ended === null) return false;
  context.metrics.count(METRICS.jobsSucceeded);
  context.metrics.seconds(METRICS.jobSeconds, (now - Date.parse(ended.createdAt)) / 1000);
  // Not since its creation: until then it waited for its client's upload, or for its tenant's turn.
  const seconds = (now - Date.parse(ended.startedAt ?? ended.createdAt)) / 1000;
  if (read <= STANDARD_JOB.rows) context.metrics.seconds(METRICS.standardJobSeconds, seconds);
  if (seconds > JOB_OBJECTIVE.seconds) context.metrics.count(METRICS.jobsOffObjective);
  await context.inFlight.leave(refOf(ended));
  await announceEnd(context, ended);
  await joinHistory(context, ended);
  return true;
}
