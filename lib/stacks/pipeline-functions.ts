import { CfnOutput, Duration, Validations } from 'aws-cdk-lib';
import { Rule, Schedule } from 'aws-cdk-lib/aws-events';
import { LambdaFunction } from 'aws-cdk-lib/aws-events-targets';
import { SqsEventSource } from 'aws-cdk-lib/aws-lambda-event-sources';
import { Construct } from 'constructs';
import { WORKERS_OF_POLLER } from '../../lambdas/contracts/capacity.ts';
import type { Stage } from '../config/stage.ts';
import { WORK_QUEUES, type WorkQueueName, workerCap } from '../config/work-queues.ts';
import type { OperationalAlarm } from '../constructs/operational-alarm.ts';
import { ServiceFunction, type ServiceFunctionProps } from '../constructs/service-function.ts';
import { FUNCTION_ALARM_TEXTS, SWEEP_SILENT } from './pipeline-alarm-texts.ts';
import {
  deadLettersEnvironment,
  type PipelineFunctionsProps,
  pipelineEnvironment,
  sweepEnvironment,
} from './pipeline-environment.ts';
import { PipelineGrants } from './pipeline-grants.ts';

/** Room for 32 MiB read ahead, a chunk's totals and Node itself; what it buys besides is 0.58 of a processor. */
const WORKER_MEMORY_MIB = 1024;
const OPERATION_MEMORY_MIB = 256;
const SWEEP_EVERY = Duration.minutes(5);

/** The functions of the pipeline: a worker for each queue, the sweeper, and what operators call by hand. */
export class PipelineFunctions extends Construct {
  readonly planUpload: ServiceFunction;
  readonly scanAndAnalyse: ServiceFunction;
  readonly writeReport: ServiceFunction;
  readonly sweep: ServiceFunction;
  readonly cancel: ServiceFunction;
  readonly redrive: ServiceFunction;
  /** What hands each queue's messages to its worker, and to how many at a time. */
  readonly sources: Readonly<Record<WorkQueueName, SqsEventSource>>;

  constructor(scope: Construct, id: string, props: PipelineFunctionsProps) {
    super(scope, id);
    const { alerts } = props;
    const grants = new PipelineGrants(props);
    this.sources = {
      analysis: createSource('analysis', props),
      signature: createSource('signature', props),
      report: createSource('report', props),
    };

    this.planUpload = this.createWorker('PlanUpload', 'analysis', props, {
      entry: 'plan-upload',
      description: 'Accepts uploads and decides where they are cut; does small ones at once',
    });
    grants.forPlanning(this.planUpload);
    this.planUpload.watch({ alerts, ...FUNCTION_ALARM_TEXTS.planUpload });

    this.scanAndAnalyse = this.createWorker('ScanAndAnalyse', 'signature', props, {
      entry: 'scan-and-analyse',
      description: 'Scans chunks of datasets and analyses shards of their creatives',
    });
    grants.forScanning(this.scanAndAnalyse);
    this.scanAndAnalyse.watch({ alerts, ...FUNCTION_ALARM_TEXTS.scanAndAnalyse });

    this.writeReport = this.createWorker('WriteReport', 'report', props, {
      entry: 'write-report',
      description: 'Writes the result document and the CSV report of an analysed job',
    });
    grants.forReporting(this.writeReport);
    this.writeReport.watch({ alerts, ...FUNCTION_ALARM_TEXTS.writeReport });

    this.sweep = this.createSweep(props);
    grants.forSweeping(this.sweep);
    this.cancel = this.createOperation('Cancel', props, {
      entry: 'cancel',
      description: 'Operation: asks a job to stop',
      timeout: Duration.seconds(30),
    });
    grants.forCancelling(this.cancel);
    this.redrive = this.createOperation('Redrive', props, {
      entry: 'redrive',
      description: 'Operation: starts failed jobs again, one or all of a dead-letter queue',
      timeout: Duration.minutes(10),
      environment: { ...pipelineEnvironment(props), ...deadLettersEnvironment(props) },
    });
    grants.forRedriving(this.redrive);
  }

  /** All of them, in the order work goes through them. */
  get all(): ServiceFunction[] {
    return [this.planUpload, this.scanAndAnalyse, this.writeReport, this.sweep, this.cancel, this.redrive];
  }

  /** Who takes each queue's messages. */
  get workers(): Readonly<Record<WorkQueueName, ServiceFunction>> {
    return { analysis: this.planUpload, signature: this.scanAndAnalyse, report: this.writeReport };
  }

  get alarms(): OperationalAlarm[] {
    return this.all.flatMap(({ alarms }) => alarms);
  }

  private createWorker(
    id: string,
    queue: WorkQueueName,
    props: PipelineFunctionsProps,
    worker: Pick<ServiceFunctionProps, 'entry' | 'description'>,
  ): ServiceFunction {
    const created = this.createFunction(id, props, {
      ...worker,
      timeout: Duration.seconds(WORK_QUEUES[queue].consumerTimeoutSeconds),
      memoryMiB: WORKER_MEMORY_MIB,
    });
    created.function.addEventSource(this.sources[queue]);
    Validations.of(created).acknowledge({
      id: 'Serverless-LambdaEventSourceMappingDestination',
      reason: 'A queue as source knows no destination for failures; its own dead-letter queue takes them.',
    });
    return created;
  }

  private createSweep(props: PipelineFunctionsProps): ServiceFunction {
    const { alerts } = props;
    const sweep = this.createOperation('Sweep', props, {
      entry: 'sweep',
      description:
        'Resumes or ends jobs that nothing happens to by itself; counts messages that were given up',
      timeout: Duration.minutes(2),
      environment: { ...pipelineEnvironment(props), ...sweepEnvironment(props) },
    });
    const rule = new Rule(this, 'Sweeping', {
      description: 'Look after stranded jobs',
      schedule: Schedule.rate(SWEEP_EVERY),
      targets: [new LambdaFunction(sweep.function, { maxEventAge: SWEEP_EVERY, retryAttempts: 2 })],
    });
    Validations.of(rule).acknowledge({
      id: 'Serverless-EventBusDLQ',
      reason: 'A run that was not delivered is made up for by the next, and an alarm rings when none comes.',
    });
    sweep.watchErrors(alerts, FUNCTION_ALARM_TEXTS.sweep.errors, 0);
    sweep.watchSilence(alerts, SWEEP_SILENT, Duration.minutes(15));
    return sweep;
  }

  private createOperation(
    id: string,
    props: PipelineFunctionsProps,
    operation: Pick<ServiceFunctionProps, 'entry' | 'description' | 'timeout'> &
      Partial<ServiceFunctionProps>,
  ): ServiceFunction {
    const created = this.createFunction(id, props, { memoryMiB: OPERATION_MEMORY_MIB, ...operation });
    new CfnOutput(created, 'Name', { value: created.function.functionName }).overrideLogicalId(
      `${id}FunctionName`,
    );
    return created;
  }

  private createFunction(
    id: string,
    props: PipelineFunctionsProps,
    own: Omit<ServiceFunctionProps, 'environment' | 'stage'> & Partial<ServiceFunctionProps>,
  ): ServiceFunction {
    return new ServiceFunction(this, id, {
      environment: pipelineEnvironment(props),
      stage: props.stage,
      ...own,
    });
  }
}

function createSource(name: WorkQueueName, { queues, stage }: PipelineFunctionsProps): SqsEventSource {
  return new SqsEventSource(queues[name].queue, {
    // Tasks take seconds and much memory. One at a time also lets each have the whole time-out.
    batchSize: 1,
    reportBatchItemFailures: true,
    ...limitOf(name, stage),
  });
}

/** As many workers as are usual; the capacity controller changes it from there. */
function limitOf(name: WorkQueueName, { workers: { usual, readyPollers } }: Stage) {
  const cap = workerCap(name, usual);
  if (name !== 'signature' || readyPollers === null) return { maxConcurrency: cap };
  return {
    provisionedPollerConfig: { minimumPollers: readyPollers, maximumPollers: cap / WORKERS_OF_POLLER },
  };
}
