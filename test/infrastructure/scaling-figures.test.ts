import { describe, expect, it } from 'vitest';
import { decideCache } from '../../lambdas/domain/capacity/cache.ts';
import { decideWorkers } from '../../lambdas/domain/capacity/workers.ts';
import { mostConcurrency } from '../../lib/config/account-concurrency.ts';
import type { Stage } from '../../lib/config/stage.ts';
import { loadStage } from '../../lib/config/stages.ts';
import { WORK_QUEUE_NAMES, WORK_QUEUES, workerCap } from '../../lib/config/work-queues.ts';
import { idle, MINUTE, observe, waiting } from '../domain/capacity/play.ts';
import { SCALING_PAGE, saidOf } from './scaling-page.ts';
import { synthesise } from './synthesis.ts';
import { at, resources } from './template.ts';

const count = (value: number) => value.toLocaleString('en-US');
/** What is so in the phases 1 to 3, one after the other. */
const each = (say: (stage: Stage) => string | number) =>
  (['phase1', 'phase2', 'phase3'] as const).map((name) => say(loadStage(name))).join(' / ');
const ready = (stage: Stage) => stage.api.provisioned!;
const sumOf = (stage: Stage) => Object.values(ready(stage)).reduce((sum, { min }) => sum + min, 0);
const users = (number: number) => Math.round(number / 2.1);

const minutesHidden = WORK_QUEUE_NAMES.map((queue) => (6 * WORK_QUEUES[queue].consumerTimeoutSeconds) / 60);

describe('figures of the page', () => {
  it.each([
    ['Capacity goals', '10,000 and more', each((s) => count(60 * s.api.throttle.rate))],
    ['Capacity goals', '10,000 and more', [100, 500, 1000].map((n) => count(users(60 * n))).join(' / ')],
    ['Docker Compose', 'three API', `${each((s) => ready(s).analyze.min)} at least, 100 at most`],
    ['Docker Compose', 'three API', `control ${each((s) => ready(s).control.min)}`],
    ['Docker Compose', 'three API', `query ${each((s) => ready(s).query.min)}`],
    ['Docker Compose', 'three API', `authorizer ${each((s) => ready(s).authorizer.min)}`],
    [
      'Docker Compose',
      'three replicas',
      each((s) => WORK_QUEUE_NAMES.map((queue) => workerCap(queue, s.workers.usual)).join(', ')),
    ],
    ['Docker Compose', 'three replicas', `k up to ${each((s) => s.workers.most)}`],
    [
      'Docker Compose',
      'PostgreSQL',
      each(({ database: { minCapacity, maxCapacity } }) => `${minCapacity}–${maxCapacity}`),
    ],
    ['Docker Compose', 'PostgreSQL', `${each((s) => s.database.readers.fixed)} readers`],
    ['Docker Compose', 'PostgreSQL', `${each((s) => s.database.backupDays)} days`],
    [
      'Celery',
      '`task_acks_late`',
      `: ${minutesHidden.slice(0, 2).join(', ')} and ${minutesHidden[2]} minutes`,
    ],
    ['Celery', 'priorities', WORK_QUEUE_NAMES.map((queue) => WORK_QUEUES[queue].weight).join(' : ')],
    ['Celery', 'results expire', `${each((s) => s.retentionDays.results)} days, 7 in dev`],
    ['Celery', 'heavy', `${each((s) => s.quotas.heavyPerMinute)} a minute`],
    ['Database', 'a master', `${each((s) => s.database.readers.fixed)} readers`],
    ['Database', 'a master', `up to ${each((s) => s.database.readers.most)}`],
    ['Kubernetes: HPA', 'least 2', each((s) => `${ready(s).analyze.min}–${ready(s).analyze.max}`)],
    ['Kubernetes: HPA', 'least 2', `k of the workers ${each((s) => `${s.workers.least}–${s.workers.most}`)}`],
    [
      'AWS: auto scaling group',
      'least 2',
      each(({ database: { readers } }) => `${readers.fixed}–${readers.most}`),
    ],
    ['AWS: auto scaling group', 'desired 3', each((s) => s.database.readers.fixed)],
    ['AWS: auto scaling group', 'CPU > 70 %', each((s) => s.database.maxCapacity)],
    ['Checklist', 'caching', `usually ${each((s) => s.cache.usual.gigabytes)} GB`],
    ['Checklist', 'caching', `${each((s) => s.cache.most.gigabytes)} GB at most`],
    ['Checklist', 'rate limiting', `${each((s) => count(s.api.requestsPerAddress!))} in five minutes`],
    ['Checklist', 'rate limiting', `${each((s) => count(s.api.throttle.rate))} a second`],
    ['Checklist', 'rate limiting', `a token ${count(loadStage('phase1').api.requestsPerMinute)} a minute`],
    ['Checklist', 'rate limiting', `${each((s) => s.quotas.jobs)} at a time`],
    ['Performance targets', '200 ms', `over ${loadStage('phase3').alarms.p95Milliseconds} ms`],
  ])('are those of the stages: %s, %s', (section, phrase, says) => {
    expect(saidOf(section, phrase)).toContain(says);
  });

  it.each([
    ['phase1', 100],
    ['phase2', 500],
    ['phase3', 1000],
  ] as const)('say what %s has for its users', (name, number) => {
    const stage = loadStage(name);
    const says = saidOf('Phases', `phase ${name.slice(-1)}`);
    expect(says).toContain(`\`${name}\`: ${users(number)} requests a second`);
    expect(says).toContain(`${ready(stage).analyze.min} for analyses, ${sumOf(stage)} in all`);
    if (name !== 'phase3') return;
    const [most, account] = [mostConcurrency(stage), stage.alarms.accountConcurrency].map(count);
    expect(says).toContain(`${most} of an account's ${account} executions`);
  });
});

describe('policies of the page', () => {
  const assembly = synthesise('phase3');
  const of = (type: string, start: string) =>
    resources(assembly, type).find(({ logicalId }) => logicalId.startsWith(start))!.resource.Properties;
  const AUTO_SCALING = 'AWS: auto scaling group';

  it.each([
    ['DatabaseReadersAdd', '+2, then', 'CPU > 70 %', 'over'],
    ['DatabaseReadersRemove', '−1, then', '−1, then', 'under'],
  ])('about readers are those of %s', (id, change, condition, word) => {
    const policy = of('AWS::ApplicationAutoScaling::ScalingPolicy', id);
    const steps = at(policy, 'StepScalingPolicyConfiguration');
    const adjustment = Number(at(steps, 'StepAdjustments', 0, 'ScalingAdjustment'));
    const signed = `${adjustment > 0 ? '+' : '−'}${Math.abs(adjustment)}`;
    expect(saidOf(AUTO_SCALING, change)).toContain(`${signed}, then ${at(steps, 'Cooldown')} s`);
    const alarm = of('AWS::CloudWatch::Alarm', `${id}Alarm`);
    const said = saidOf(AUTO_SCALING, condition);
    expect(said).toContain(`${word} ${at(alarm, 'Threshold')} %`);
    expect(said).toContain(`${at(alarm, 'EvaluationPeriods')} × ${at(alarm, 'Period')} s`);
  });

  it('about environments are those of the functions', () => {
    const policy = of('AWS::ApplicationAutoScaling::ScalingPolicy', 'FunctionsAnalyze');
    const tracking = at(policy, 'TargetTrackingScalingPolicyConfiguration');
    const targetValue = Number(at(tracking, 'TargetValue'));
    expect(saidOf('Kubernetes: HPA', '100 requests')).toContain(`${targetValue} of it is the target`);
    const down = saidOf('Kubernetes: HPA', 'down only');
    // Target tracking gives back below nine tenths of its target.
    expect(down).toContain(`below ${0.9 * targetValue} for`);
    expect(down).toContain(`then ${at(tracking, 'ScaleInCooldown')} s of rest`);
  });
});

describe('the example of phase 1', () => {
  const stage = loadStage('phase1');
  const example = SCALING_PAGE.split('\n## When load rises')[1]!.split('\n## ')[0]!.replaceAll('\n', ' ');

  it('has as many environments as scaling asks for', () => {
    const load = (number: number) => ((number / 2.1) * 16) / 19 / (10 * ready(stage).analyze.min);
    expect(load(100)).toBeLessThan(0.7);
    expect(example).toContain(`${load(100).toFixed(2)} of what ${ready(stage).analyze.min} environments`);
    expect(example).toContain(`200 users make that ${load(200).toFixed(2)}`);
    const wanted = Math.ceil((ready(stage).analyze.min * load(200)) / 0.7);
    expect(example).toContain(`then there are ${wanted}.`);
    expect(example).toContain(`at ${stage.api.throttle.rate} requests a second, some 1,050 users`);
    expect(stage.api.throttle.rate * 2.1).toBe(1050);
  });

  it('has as many workers as the controller sets', () => {
    const { least, usual, most } = stage.workers;
    const plan = { least, usual, most, step: 1, queues: WORK_QUEUES };
    let [k, left, finished] = [usual, 0, 0];
    let memory: Parameters<typeof decideWorkers>[0] = null;
    const levels = [k];
    for (let minute = -1; minute < 15; minute++) {
      if (minute === 0) left = 3000;
      const cap = workerCap('signature', k);
      const load = { visible: Math.max(0, left - cap), inFlight: Math.min(left, cap), meanSeconds: 2 };
      const moment = left > 0 ? waiting('signature', load) : idle();
      const decision = decideWorkers(memory, observe(moment, minute * MINUTE, k, plan), plan);
      ({ memory, to: k } = decision);
      if (k !== levels.at(-1)) levels.push(k);
      const done = workerCap('signature', k) * 30;
      if (left > 0 && left <= done) finished = minute + 1;
      left = Math.max(0, left - done);
    }
    expect(levels).toEqual([2, 4, 8, 10, 5, 3, 2]);
    expect(example).toContain('sets k to 4, then 8, then 10, the most of the stage');
    expect(example).toContain(`the last task is done ${finished} minutes after the first instead of 10`);
    expect((3000 * 2) / workerCap('signature', usual) / 60).toBe(10);
    expect(example).toContain('over 5 and 3 to 2');
  });

  it('has the limits that the controller gives the cache', () => {
    const { usual, most } = stage.cache;
    const limits = [usual];
    for (let now = usual, at = 0; at < 10; at++) {
      const used = { gigabytes: 0.9 * now.gigabytes, unitsPerSecond: 0.9 * now.unitsPerSecond };
      const { limits: next } = decideCache(null, { at, limits: now, isChanging: false, used }, stage.cache);
      if (next === null) break;
      limits.push(next);
      now = next;
    }
    expect(limits.at(-1)).toEqual(most);
    const of = (say: (one: typeof usual) => number) =>
      [...new Set(limits.map(say))].slice(1).map(count).join(', ');
    expect(example).toContain(`begins with ${usual.gigabytes} GB and ${count(usual.unitsPerSecond)} units`);
    expect(example).toContain(
      `${of((one) => one.gigabytes)} GB and ${of((one) => one.unitsPerSecond)} units`,
    );
  });
});
