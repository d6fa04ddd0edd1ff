import { describe, expect, it } from 'vitest';
import { authorizerEnvironmentSchema } from '../../lambdas/contracts/access-environment.ts';
import { parseEmail } from '../../lib/config/alert-email.ts';
import { STAGE_NAMES, type Stage, stageSchema } from '../../lib/config/stage.ts';
import { loadStage } from '../../lib/config/stages.ts';
import { WORK_QUEUE_NAMES, workerCap } from '../../lib/config/work-queues.ts';
import { authorizerEnvironment } from '../../lib/stacks/api-environment.ts';

describe('loadStage', () => {
  it('is dev unless told otherwise', () => {
    expect(loadStage().name).toBe('dev');
    expect(loadStage(undefined).name).toBe('dev');
  });

  it.each(STAGE_NAMES)('gives %s under its own name', (name) => {
    expect(loadStage(name).name).toBe(name);
  });

  it.each(['prod', '', 'Phase1', 3, null])('answers %j with the stages there are', (name) => {
    expect(() => loadStage(name)).toThrow(`no stage ${JSON.stringify(name)}`);
    expect(() => loadStage(name)).toThrow('dev, phase1, phase2, phase3, phase4');
  });

  it.each([
    { stage: 'dev', caps: [20, 10, 2] },
    { stage: 'phase1', caps: [20, 10, 2] },
    { stage: 'phase2', caps: [80, 40, 8] },
    { stage: 'phase3', caps: [200, 100, 20] },
    { stage: 'phase4', caps: [200, 100, 20] },
  ])('caps the workers of $stage at $caps', ({ stage, caps }) => {
    const { usual } = loadStage(stage).workers;
    expect(WORK_QUEUE_NAMES.map((queue) => workerCap(queue, usual))).toEqual(caps);
  });
});

describe('the authorizer of a stage', () => {
  const dev = loadStage('dev');
  const read = (stage: Stage) =>
    authorizerEnvironmentSchema.parse(
      authorizerEnvironment({ stage, accessTable: { tableName: 'access' }, usageKey: 'x'.repeat(20) }),
    );

  it.each(STAGE_NAMES)('of %s knows no identity provider', (name) => {
    expect(read(loadStage(name)).OIDC_ISSUER).toBeUndefined();
  });

  it('is told of the identity provider that a stage names', () => {
    const identityProvider = {
      issuer: 'https://login.example.com/',
      audience: 'api',
      keysUrl: 'https://login.example.com/keys.json',
      claims: { tenant: 'org', scopes: 'scp' },
      scopePrefix: 'creative-dynamics/',
    };
    const stage = stageSchema.parse({ ...dev, api: { ...dev.api, identityProvider } });
    expect(read(stage)).toMatchObject({
      OIDC_ISSUER: 'https://login.example.com/',
      OIDC_AUDIENCE: 'api',
      OIDC_KEYS_URL: 'https://login.example.com/keys.json',
      OIDC_TENANT_CLAIM: 'org',
      OIDC_SCOPE_CLAIM: 'scp',
      OIDC_SCOPE_PREFIX: 'creative-dynamics/',
    });
    const open = { ...identityProvider, keysUrl: 'http://login.example.com/keys.json' };
    expect(stageSchema.safeParse({ ...dev, api: { ...dev.api, identityProvider: open } }).success).toBe(
      false,
    );
  });
});

describe('growing from phase to phase', () => {
  it.each([
    ['phase1', 'phase2'],
    ['phase2', 'phase3'],
    ['phase3', 'phase4'],
  ])('takes nothing of the database or the cache away from %s to %s', (smaller, larger) => {
    const { database: before, cache: less } = loadStage(smaller);
    const { database: after, cache: more } = loadStage(larger);
    expect(after.minCapacity).toBeGreaterThanOrEqual(before.minCapacity);
    expect(after.maxCapacity).toBeGreaterThanOrEqual(before.maxCapacity);
    expect(after.readers.fixed).toBeGreaterThanOrEqual(before.readers.fixed);
    expect(after.readers.most).toBeGreaterThanOrEqual(before.readers.most);
    expect(after.backupDays).toBeGreaterThanOrEqual(before.backupDays);
    for (const limits of ['usual', 'most'] as const) {
      expect(more[limits].gigabytes).toBeGreaterThanOrEqual(less[limits].gigabytes);
      expect(more[limits].unitsPerSecond).toBeGreaterThanOrEqual(less[limits].unitsPerSecond);
    }
  });
});

describe('the schema of a stage', () => {
  const dev = loadStage('dev');

  function keepingReady(range: { min: number; max: number }, reserved: Record<string, number>) {
    const provisioned = { control: range, query: range, analyze: range, authorizer: range };
    return { api: { ...dev.api, provisioned, reserved } };
  }

  it('takes a stage that keeps environments ready', () => {
    const change = keepingReady({ min: 2, max: 3 }, { control: 3, query: 3, analyze: 3, authorizer: 3 });
    expect(stageSchema.safeParse({ ...dev, ...change }).error).toBeUndefined();
  });

  it.each([
    { what: 'a cap Lambda does not allow', change: { workers: { ...dev.workers, least: 1 } } },
    { what: 'more workers than Lambda allows', change: { workers: { ...dev.workers, most: 101 } } },
    {
      what: 'uploads that expire before their dead letters',
      change: { retentionDays: { ...dev.retentionDays, uploads: 13 } },
    },
    { what: 'a setting nobody reads', change: { colour: 'green' } },
    { what: 'a name no stack can have', change: { deployment: 'Creative Dynamics' } },
    { what: 'a name no cache can have', change: { deployment: 'creative--dynamics' } },
    { what: 'a name too long for a cache', change: { deployment: `${'a-'.repeat(15)}a` } },
    {
      what: 'a database that begins larger than it may become',
      change: { database: { ...dev.database, minCapacity: 4, maxCapacity: 2 } },
    },
    {
      what: 'a database that pauses behind a proxy',
      change: { database: { ...dev.database, proxy: true, readers: { fixed: 1, most: 1 } } },
    },
    {
      what: 'a proxy with nobody to read from',
      change: { database: { ...dev.database, proxy: true, minCapacity: 1 } },
    },
    {
      what: 'half of half a unit of capacity',
      change: { database: { ...dev.database, minCapacity: 0.25 } },
    },
    { what: 'a cache that costs without bounds', change: { cache: { usual: dev.cache.usual } } },
    {
      what: 'a cache that is larger than it may become',
      change: { cache: { usual: dev.cache.most, most: dev.cache.usual } },
    },
    {
      what: 'fewer readers than there are from the start',
      change: { database: { ...dev.database, readers: { fixed: 2, most: 1 } } },
    },
    {
      what: 'more readers than Aurora has, if the fixed ones do not count',
      change: { database: { ...dev.database, readers: { fixed: 5, most: 11 } } },
    },
    {
      what: 'readers that are added where there is none to measure',
      change: { database: { ...dev.database, readers: { fixed: 0, most: 2 } } },
    },
    {
      what: 'environments kept ready of which some may not run',
      change: keepingReady({ min: 2, max: 3 }, { control: 3, query: 3, analyze: 3, authorizer: 2 }),
    },
    {
      what: 'a single environment kept ready',
      change: keepingReady({ min: 1, max: 3 }, { control: 3, query: 3, analyze: 3, authorizer: 3 }),
    },
    {
      what: 'more concurrency than the account has',
      change: { api: { ...dev.api, reserved: { control: 600, query: 100, analyze: 100, authorizer: 1 } } },
    },
    { what: 'fewer workers than the least', change: { workers: { ...dev.workers, least: 3, usual: 2 } } },
    {
      what: 'pollers for a number of workers that is no multiple of ten',
      change: { workers: { least: 4, usual: 5, most: 8, readyPollers: 2 } },
    },
    {
      what: 'more ready pollers than the least workers allow',
      change: { workers: { least: 2, usual: 4, most: 8, readyPollers: 2 } },
    },
    { what: 'more workers than the most', change: { workers: { ...dev.workers, usual: 5 } } },
  ])('refuses $what', ({ change }) => {
    expect(stageSchema.safeParse({ ...dev, ...change }).success).toBe(false);
    expect(stageSchema.safeParse(dev).success).toBe(true);
  });
});

describe('parseEmail', () => {
  it('takes an address, or none', () => {
    expect(parseEmail('alertEmail', 'ops@example.com')).toBe('ops@example.com');
    expect(parseEmail('alertEmail', undefined)).toBeUndefined();
  });

  it.each(['ops', '', 'a@b', true])('refuses %j', (value) => {
    expect(() => parseEmail('pageEmail', value)).toThrow('-c pageEmail=name@example.com');
  });
});
