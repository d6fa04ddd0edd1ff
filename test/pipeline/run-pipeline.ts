import type { Job, JobRef } from '../../lambdas/contracts/job.ts';
import type { QueueMessage } from '../../lambdas/contracts/messages.ts';
import { announcedUploadKey } from '../../lambdas/contracts/object-keys.ts';
import { jobIdOf } from '../../lambdas/domain/job/job-id.ts';
import type { PipelineContext } from '../../lambdas/pipeline/context.ts';
import { type Disposition, handleMessage } from '../../lambdas/pipeline/handle-message.ts';
import { newJob } from '../../lambdas/pipeline/new-job.ts';
import type { PipelineSettings } from '../../lambdas/pipeline/settings.ts';
import type { Scenario } from '../simulation/datasets.ts';
import { MemoryStore } from '../simulation/memory-store.ts';
import { contextOver, type Gate, OPEN_GATE } from '../simulation/ports.ts';

const START = Date.UTC(2026, 0, 5, 12);

interface Waiting {
  readonly message: QueueMessage;
  readonly visibleAt: number;
}

/** A pipeline without faults: one worker, messages in the order they were sent. */
export class Bench {
  readonly store = new MemoryStore();
  readonly sent: Waiting[] = [];
  readonly context: PipelineContext;
  now = START;
  waiting: Waiting[] = [];

  constructor(settings: Partial<PipelineSettings> = {}, gate: Gate = OPEN_GATE) {
    const send = (messages: readonly QueueMessage[], delaySeconds: number) => {
      for (const message of messages) this.enqueue(message, delaySeconds);
    };
    this.context = contextOver({ store: this.store, now: () => this.now, send }, gate, settings);
  }

  enqueue(message: QueueMessage, delaySeconds = 0): void {
    const waiting = { message, visibleAt: this.now + delaySeconds * 1000 };
    this.waiting.push(waiting);
    this.sent.push(waiting);
  }

  /** Announces a dataset's upload, and returns its job. */
  async announce(scenario: Scenario, tenant = 'acme', seed = scenario.name): Promise<Job> {
    const id = jobIdOf(this.now, seed);
    const key = announcedUploadKey({ tenant, dataset: 'ds_1', jobId: id, fileName: scenario.fileName });
    const source = { key, versionId: null, etag: null, bytes: null };
    const { hints, parameters } = scenario;
    const dataset = { id: 'ds_1', name: scenario.name };
    const { job, event } = newJob(
      { id, tenant, origin: 'upload', dataset, source, hints, parameters },
      this.now,
    );
    await this.context.jobs.create(job, [event]);
    return job;
  }

  /** Puts a file where a job waits for it; its event is what S3 would send. */
  upload(key: string, bytes: Uint8Array): QueueMessage {
    const { versionId, etag } = this.store.put(key, bytes);
    const event = { type: 'uploaded', key, versionId, etag, bytes: bytes.length, at: this.now } as const;
    this.enqueue(event);
    return event;
  }

  async submit(scenario: Scenario, tenant = 'acme'): Promise<JobRef> {
    const job = await this.announce(scenario, tenant);
    this.upload(job.source.key, scenario.bytes);
    return { tenant, jobId: job.id };
  }

  handle(message: QueueMessage, receiveCount = 1): Promise<Disposition> {
    return handleMessage(this.context, message, receiveCount);
  }

  /** Handles messages, delayed ones too, until there are none or `until` says so. */
  async drain(until: () => boolean = () => false): Promise<Disposition[]> {
    const handled: Disposition[] = [];
    while (this.waiting.length > 0 && !until()) {
      this.waiting.sort((a, b) => a.visibleAt - b.visibleAt);
      const next = this.waiting.shift();
      if (next === undefined) break;
      this.now = Math.max(this.now, next.visibleAt);
      handled.push(await this.handle(next.message));
    }
    return handled;
  }

  job(ref: JobRef): Job {
    const job = this.store.get(ref);
    if (job === null) throw new Error(`no job ${ref.jobId}`);
    return job;
  }
}
