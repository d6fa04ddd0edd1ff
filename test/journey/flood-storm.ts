import { setTimeout as pause } from 'node:timers/promises';
import { isDeepStrictEqual } from 'node:util';
import { DescribeAlarmsCommand } from '@aws-sdk/client-cloudwatch';
import type { Job } from '../../lambdas/contracts/job.ts';
import { isFinal } from '../../lambdas/domain/job/states.ts';
import { loadStage } from '../../lib/config/stages.ts';
import { WORK_QUEUE_NAMES, type WorkQueueName, workerCap } from '../../lib/config/work-queues.ts';
import { outputOf } from '../../local/user.ts';
import { eventually } from '../local/eventually.ts';
import { smallExport } from './exports.ts';
import { controlOf, type Flood, floodAsText, type Moment, type Waits } from './flood-record.ts';
import { jobsOf } from './jobs.ts';
import type { QueueOutput, System } from './system.ts';

export const UPLOADS = 200;
/** Of the export of the other tenant: none of the flood is like it. */
export const OTHER_SEED = UPLOADS + 1;

const [FLOODING, OTHER] = ['flooding', 'bystander'];
/** Uploads that are sent at a time. */
const SENDERS = 8;
const LOOK_MS = 25;
/** Caps are looked at each time; what has to be asked for over HTTP less often. */
const ASK_MS = 200;
/** Shorter than a test may take, so that what was seen is told. */
const LONGEST_MS = 250_000;

export interface Storm extends Waits {
  readonly flood: Flood;
  readonly alarmName: string;
  /** Of the flood, and the one of the other tenant. */
  readonly jobs: readonly Job[];
  readonly other: Job;
}

/** What there is of a storm while it goes on. */
class Watch {
  readonly moments: Moment[] = [];
  readonly alarmName = `${loadStage('dev').deployment}-processing-analysis-queue-backlog`;
  readonly startedAt = Date.now();
  /** When the other tenant sent its export; 0 as long as it has not. */
  otherAt = 0;
  readonly #system: System;
  readonly #since: number;
  readonly #queues: Readonly<Record<WorkQueueName, string>>;

  constructor(system: System) {
    this.#system = system;
    this.#since = system.cloud.timeline.now();
    const nameOf = (output: QueueOutput) => outputOf(system.cloud, output).split('/').at(-1) ?? '';
    this.#queues = {
      analysis: nameOf('AnalysisQueueUrl'),
      signature: nameOf('SignatureQueueUrl'),
      report: nameOf('ReportQueueUrl'),
    };
  }

  /** The flood, from several at a time, and in the middle of it what the other sends. */
  async send(): Promise<void> {
    let next = 0;
    const sender = async () => {
      for (let seed = next++; seed < UPLOADS; seed = next++) {
        if (seed === UPLOADS / 2) {
          this.otherAt = Date.now();
          await this.#put(OTHER, OTHER_SEED);
        }
        await this.#put(FLOODING, seed);
      }
    };
    await Promise.all(Array.from({ length: SENDERS }, sender));
  }

  async #put(tenant: string, seed: number): Promise<void> {
    await this.#system.put(`uploads/${tenant}/inbox/${seed}.csv`, smallExport(seed));
  }

  /** Looks at caps all the time, which asks nobody, and at the rest now and then. @returns how to end it */
  look(): () => Promise<void> {
    let isOver = false;
    const looking = (async () => {
      for (let asked = await this.#ask(), at = Date.now(); !isOver; await pause(LOOK_MS)) {
        if (Date.now() - at >= ASK_MS) [asked, at] = [await this.#ask(), Date.now()];
        this.#note(asked);
      }
    })();
    return async () => {
      isOver = true;
      await looking;
    };
  }

  async #ask(): Promise<Pick<Moment, 'alarm' | 'visible' | 'handled'>> {
    const asked = new DescribeAlarmsCommand({ AlarmNames: [this.alarmName] });
    const [load, { MetricAlarms = [] }] = await Promise.all([
      this.#system.load('AnalysisQueueUrl'),
      this.#system.clients.cloudwatch.send(asked),
    ]);
    return { ...load, alarm: MetricAlarms[0]?.StateValue ?? 'none' };
  }

  #note(asked: Pick<Moment, 'alarm' | 'visible' | 'handled'>): void {
    const loads = this.#system.cloud.mappings();
    const capOf = (name: WorkQueueName) =>
      loads.find(({ queueArn }) => queueArn.endsWith(`:${this.#queues[name]}`))?.cap ?? 0;
    const caps = { analysis: capOf('analysis'), signature: capOf('signature'), report: capOf('report') };
    const before = this.moments.at(-1);
    const moment = { seconds: (this.#system.cloud.timeline.now() - this.#since) / 1000, caps, ...asked };
    if (before === undefined || !isDeepStrictEqual({ ...moment, seconds: before.seconds }, before))
      this.moments.push(moment);
  }

  get flood(): Flood {
    const lines = this.#system.logs.map(({ line }) => line).filter((line) => line.includes('"trigger"'));
    return { moments: this.moments, ...controlOf(lines, this.#since) };
  }

  /** The jobs of both once all are over and everything is as it was before; undefined as long as not. */
  async end(usual: number): Promise<readonly Job[] | undefined> {
    const last = this.moments.at(-1);
    const isCalm = last?.visible === 0 && last.handled === 0 && last.alarm === 'OK';
    if (!isCalm || WORK_QUEUE_NAMES.some((name) => last.caps[name] !== workerCap(name, usual)))
      return undefined;
    const jobs = [...(await jobsOf(this.#system, FLOODING)), ...(await jobsOf(this.#system, OTHER))];
    return jobs.length === UPLOADS + 1 && jobs.every(({ state }) => isFinal(state)) ? jobs : undefined;
  }
}

/**
 * Has one tenant flood a system, and another send one export in the middle of it, and watches until all is as it was.
 *
 * @param usual multiplier of the workers' caps that they come back to
 * @throws Error with what was seen when they do not
 */
export async function watchStorm(system: System, usual: number): Promise<Storm> {
  const watch = new Watch(system);
  const stopLooking = watch.look();
  try {
    await watch.send();
    const all = await eventually('the end of the flood', () => watch.end(usual), LONGEST_MS);
    return stormOf(watch, all);
  } catch (error) {
    throw new Error(`${error}\n${floodAsText(watch.flood)}`, { cause: error });
  } finally {
    await stopLooking();
  }
}

function stormOf({ flood, alarmName, startedAt, otherAt }: Watch, all: readonly Job[]): Storm {
  const jobs = all.filter(({ tenant }) => tenant === FLOODING);
  const other = all.find(({ tenant }) => tenant === OTHER);
  if (other === undefined) throw new Error('The other tenant has no job.');
  const secondsTo = (job: Job, from: number) => (Date.parse(job.finishedAt ?? '') - from) / 1000;
  return {
    flood,
    alarmName,
    jobs,
    other,
    waitedSeconds: secondsTo(other, otherAt),
    lastedSeconds: Math.max(...jobs.map((job) => secondsTo(job, startedAt))),
  };
}
