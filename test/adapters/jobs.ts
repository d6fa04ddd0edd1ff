import type { Job, JobEvent } from '../../lambdas/contracts/job.ts';

let next = 0;

/** A job id nobody else has; its last character changes first. */
export function newJobId(): string {
  next++;
  return `job_${'01KA0000000000000000000000'.slice(0, 22)}${String(next).padStart(4, '0')}`;
}

export function buildJob(changes: Partial<Job> = {}): Job {
  return {
    id: newJobId(),
    tenant: 'acme',
    revision: 1,
    run: 1,
    state: 'PENDING',
    origin: 's3',
    dataset: { id: 'inbox', name: 'export.csv' },
    source: { key: 'uploads/acme/inbox/export.csv', versionId: 'v1', etag: 'abc', bytes: 10 },
    startedBy: 'v1',
    hints: {},
    parameters: {},
    createdAt: '2026-03-01T10:00:00.000Z',
    startedAt: null,
    finishedAt: null,
    touchedAt: '2026-03-01T10:00:00.000Z',
    waitingFor: 'worker',
    waitingUntil: null,
    plan: null,
    phase: null,
    sweep: { tasksDone: 0, resends: 0 },
    rows: null,
    totals: null,
    error: null,
    resultExpiresAt: null,
    ...changes,
  };
}

export function buildEvent(id: string, changes: Partial<JobEvent> = {}): JobEvent {
  return {
    id,
    at: '2026-03-01T10:00:00.000Z',
    kind: 'state',
    state: 'PENDING',
    message: 'The file arrived.',
    task: null,
    attempt: null,
    ...changes,
  };
}
