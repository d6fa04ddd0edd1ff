import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { METRICS, REQUEST_METRICS } from '../../lambdas/contracts/metric-names.ts';
import { STAGE_NAMES, type Stage } from '../../lib/config/stage.ts';
import { loadStage } from '../../lib/config/stages.ts';
import { isScalingAlarm } from './invariants/scaling.ts';
import { synthesise } from './synthesis.ts';
import { type Assembly, asList, at, flatten, published, resources } from './template.ts';

const assemblies = new Map(STAGE_NAMES.map((stage) => [stage, synthesise(stage)]));
const assembly = (stage: Stage['name']): Assembly => assemblies.get(stage)!;
const phase1 = assembly('phase1');

function dashboardOf(given: Assembly): string {
  const [dashboard] = resources(given, 'AWS::CloudWatch::Dashboard');
  return flatten(at(dashboard!.resource.Properties, 'DashboardBody'));
}

describe('the dashboard', () => {
  const body = dashboardOf(phase1);

  it.each([
    ['AWS::SQS::Queue', 'QueueName'],
    ['AWS::Lambda::Function', null],
    ['AWS::CloudWatch::Alarm', 'Arn'],
    ['AWS::CloudWatch::CompositeAlarm', 'Arn'],
  ])('shows every %s that is there for people', (type, attribute) => {
    const watched = resources(phase1, type).filter((resource) => !isScalingAlarm(resource));
    expect(watched.length).toBeGreaterThan(4);
    const hidden = watched.filter((located) => {
      const own = located.stack.id === 'Observability' ? [`\${${located.logicalId}}`] : [];
      return ![...own, ...published(located, attribute)].some((reference) => body.includes(reference));
    });
    expect(hidden.map(({ where }) => where)).toEqual([]);
  });

  // CloudWatch takes no more.
  it.each(STAGE_NAMES)('has no more in a widget of %s than fits', (stage) => {
    const widgets = asList(at(JSON.parse(dashboardOf(assembly(stage))), 'widgets'));
    expect(widgets.length).toBeGreaterThan(40);
    expect(widgets.length).toBeLessThanOrEqual(500);
    const most = (list: string) =>
      Math.max(...widgets.map((widget) => asList(at(widget, 'properties', list)).length));
    expect(most('alarms')).toBeLessThanOrEqual(100);
    expect(most('metrics')).toBeLessThanOrEqual(500);
  });

  it('is read from what users feel down to what it stands on', () => {
    const headings = [...body.matchAll(/"markdown":"#+ ([^"\\]+)/g)].map(([, heading]) => heading);
    expect(headings.slice(0, 6)).toEqual([
      'CreativeDynamics, phase1',
      'Traffic',
      'Errors',
      'Latency',
      'Queues and workers',
      'Capacity decisions',
    ]);
    for (const heading of ['Jobs', 'Canary', 'Cache', 'Database', 'Functions'])
      expect(headings.slice(6)).toContain(heading);
  });

  it.each([100, 50, 10])('draws the %i workers that there may be at most', (cap) => {
    expect(body).toContain(`{"value":${cap},"label":"workers at most"`);
  });
});

describe('metrics of ours that somebody looks at', () => {
  const sources = readdirSync('lambdas', { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.ts') && !file.endsWith('metric-names.ts'))
    .map((file) => readFileSync(join('lambdas', file), 'utf8'))
    .join('\n');
  const table = [
    ...Object.entries(METRICS).map(([key, name]) => ({ name, isSent: sources.includes(`METRICS.${key}`) })),
    ...Object.entries(REQUEST_METRICS).map(([key, name]) => ({
      name,
      isSent: new RegExp(`\\{[^}]*\\b${key}\\b[^}]*\\} = REQUEST_METRICS`).test(sources),
    })),
  ];
  const sent = new Set<string>(table.filter(({ isSent }) => isSent).map(({ name }) => name));

  it.each(STAGE_NAMES)('are sent, on the dashboard of %s', (name) => {
    const { deployment } = loadStage(name);
    const body = dashboardOf(assembly(name));
    const plotted = [...body.matchAll(new RegExp(`\\["${deployment}","(\\w+)"`, 'g'))];
    const searched = [...body.matchAll(/MetricName=\\+"(\w+)/g)];
    expect(plotted.length).toBeGreaterThan(20);
    expect(searched.length).toBeGreaterThan(5);
    const names = [...plotted, ...searched].map(([, metric = '']) => metric);
    expect(names.filter((metric) => !sent.has(metric))).toEqual([]);
  });

  it.each(STAGE_NAMES)('are sent, in alarms of %s', (name) => {
    const { deployment } = loadStage(name);
    const names = resources(assembly(name), 'AWS::CloudWatch::Alarm').flatMap(({ resource }) =>
      [
        resource.Properties,
        ...asList(at(resource.Properties, 'Metrics')).map(
          (metric) => at(metric, 'MetricStat', 'Metric') ?? null,
        ),
      ]
        .filter((metric) => at(metric, 'Namespace') === deployment)
        .map((metric) => String(at(metric, 'MetricName'))),
    );
    expect(names).toContain('JobsOffObjective');
    expect(names.filter((metric) => !sent.has(metric))).toEqual([]);
  });
});
