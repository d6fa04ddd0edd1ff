import { describe, expect, it } from 'vitest';
import { DOCUMENT, LIST } from '../../lambdas/canary/answers.ts';
import { canaryObservations } from '../../lambdas/canary/dataset.ts';
import { differences } from '../../lambdas/canary/differences.ts';
import { runCanary } from '../../lambdas/canary/run.ts';
import { CANARY_PARTS } from '../../lambdas/contracts/canary-environment.ts';
import { parseParameters } from '../../lambdas/contracts/parameters.ts';
import { analyze } from '../../lambdas/domain/analysis.ts';
import { finishDataset } from '../../lambdas/domain/input/dataset.ts';
import { readJsonItems } from '../../lambdas/domain/input/json.ts';
import { CustomersApi, engineDocument } from './customers-api.ts';

const document = await engineDocument();

type Path = readonly (string | number)[];

/** Paths to all figures and words of a value. */
function leaves(value: unknown, path: Path = []): Path[] {
  if (typeof value !== 'object' || value === null) return [path];
  const entries: [string | number, unknown][] = Array.isArray(value)
    ? [...value.entries()]
    : Object.entries(value);
  return entries.flatMap(([name, inner]) => leaves(inner, [...path, name]));
}

/** A copy with one figure or word that is another, by as little as anybody would mind. */
function altered(value: unknown, [name, ...rest]: Path): unknown {
  if (name === undefined) {
    if (typeof value === 'number') return value === 0 ? 1e-6 : value * (1 + 1e-6);
    return typeof value === 'boolean' ? !value : `${String(value)}!`;
  }
  if (Array.isArray(value)) return value.map((inner, i) => (i === name ? altered(inner, rest) : inner));
  const inner = Object.entries(value as object).map(([own, one]) => [
    own,
    own === name ? altered(one, rest) : one,
  ]);
  return Object.fromEntries(inner);
}

describe('the right answers', () => {
  it('are what the engine finds in the file', () => {
    expect(differences(DOCUMENT, document, 'document')).toEqual([]);
  });

  it('are what it finds in the observations', () => {
    const { partial, columns } = readJsonItems({ items: canaryObservations() }, {});
    const found = analyze({ ...finishDataset(partial, columns, null), parameters: parseParameters() });
    expect(differences(DOCUMENT, found, 'answer')).toEqual([]);
  });

  it('agree with each other', () => {
    for (const [i, { id, verdict, impact, totals }] of DOCUMENT.items.entries()) {
      const { fatigueStatus: status, ...rest } = verdict;
      const known = { id, status, ...rest, ...totals, ...impact };
      for (const [name, value] of Object.entries(LIST.data[i] ?? {})) {
        if (name in known) expect([name, value]).toEqual([name, known[name as keyof typeof known]]);
      }
    }
  });

  it('are of a creative that wears out, and one that does not', () => {
    expect(DOCUMENT.items.map(({ verdict }) => verdict.replacementRecommended)).toEqual([true, false]);
  });
});

describe('a wrong answer', () => {
  it.each(leaves(DOCUMENT).map((path) => [path.join('.'), path] as const))(
    'at %s is found',
    (where, path) => {
      const found = differences(DOCUMENT, altered(document, path), 'document');
      expect(found).toHaveLength(1);
      expect(found[0]).toContain(`document.${where} is `);
    },
  );

  it('is one that lacks something, or has more creatives', () => {
    const [first, second] = document.items;
    expect(differences(DOCUMENT, { ...document, items: [first] }, 'document')).toEqual([
      'document.items.length is 1 and not 2.',
    ]);
    expect(differences(DOCUMENT, { ...document, items: [first, second, second] }, 'd')).toHaveLength(1);
    expect(differences(DOCUMENT, { ...document, totals: null }, 'd')).toEqual([
      'd.totals is null and not an object.',
    ]);
    expect(differences(DOCUMENT, null, 'd')).toEqual(['d is null and not an object.']);
  });

  it('is none that says more, or differs where two machines may', () => {
    const spend = document.totals.spend ?? 0;
    const close = { ...document, totals: { ...document.totals, spend: spend * (1 + 1e-12) }, news: 1 };
    expect(differences(DOCUMENT, close, 'd')).toEqual([]);
  });
});

describe('a run', () => {
  const setUp = () => {
    let now = 0;
    const api = new CustomersApi(document);
    api.tick = () => {
      now += 5000;
    };
    return { api, context: { api, clock: { now: () => now } } };
  };

  it('does what a customer does, and cleans up', async () => {
    const { api, context } = setUp();
    expect(await runCanary(context, CANARY_PARTS)).toEqual([]);
    expect(api.asked).toEqual([
      'POST /api/analyze',
      'POST /api/datasets',
      'PUT https://s3.example/file',
      'GET /api/jobs/job_1',
      'GET /api/jobs/job_1',
      'GET /api/jobs/job_1',
      'GET /api/jobs/job_1/result.json',
      'GET /api/jobs/job_1/items',
      'DELETE /api/datasets/ds_1',
    ]);
    expect(api.bodies[1]).toMatchObject({ bytes: Buffer.byteLength(api.sent) });
  });

  it('does no more than it is asked for', async () => {
    const { api, context } = setUp();
    await runCanary(context, ['request']);
    expect(api.asked).toEqual(['POST /api/analyze']);
    await runCanary(context, ['upload']);
    expect(api.asked.join()).not.toContain('/items');
  });

  it('asks for another analysis each time, which no cache can answer', async () => {
    const { api, context } = setUp();
    await runCanary(context, ['request']);
    await runCanary(context, ['request']);
    expect(api.bodies[0]).not.toEqual(api.bodies[1]);
  });

  it.each([
    ['POST /api/analyze', '/api/analyze', 'answer'],
    ['the document', '/api/jobs/job_1/result.json', 'document'],
    ['the list', '/api/jobs/job_1/items', 'list'],
  ])('notices wrong numbers in %s, and deletes all the same', async (_, where, name) => {
    const { api, context } = setUp();
    const path = name === 'list' ? ['data', 0, 'riskScore'] : ['items', 0, 'verdict', 'riskScore'];
    api.change = (asked, answer) =>
      asked === where ? { ...answer, json: altered(answer.json, path) } : answer;
    expect(await runCanary(context, CANARY_PARTS)).toEqual([
      expect.stringContaining(`${name}.${path.join('.')} is `),
    ]);
    expect(api.asked.at(-1)).toBe('DELETE /api/datasets/ds_1');
  });

  it.each([
    [
      'a request is refused',
      '/api/jobs/job_1/items',
      503,
      /items was answered with 503 unavailable \(req_1\)/,
    ],
    ['it cannot be deleted', '/api/datasets/ds_1', 500, /DELETE .* was answered with 500/],
  ])('fails when %s', async (_, where, status, message) => {
    const { api, context } = setUp();
    api.change = (asked, answer) =>
      asked === where ? { ...answer, status, json: { code: 'unavailable' } } : answer;
    await expect(runCanary(context, CANARY_PARTS)).rejects.toThrow(message);
    expect(api.asked.at(-1)).toBe('DELETE /api/datasets/ds_1');
  });

  it.each([
    [['PENDING', 'FAILED'], /ended as FAILED/],
    [['PROCESSING'], /was still PROCESSING after 60 s/],
  ])('fails when its job is seen as %j', async (states, message) => {
    const { api, context } = setUp();
    api.states = states;
    await expect(runCanary(context, CANARY_PARTS)).rejects.toThrow(message);
    expect(api.asked.at(-1)).toBe('DELETE /api/datasets/ds_1');
    expect(api.asked.length).toBeLessThan(20);
  });
});
