import { describe, expect, it } from 'vitest';
import type { JsonObject } from '../../local/assembly/json.ts';
import { compilePattern } from '../../local/events/pattern.ts';
import { parseSchedule } from '../../local/events/schedule.ts';
import { targetInput } from '../../local/events/transform.ts';

const EVENT: JsonObject = {
  source: 'aws.s3',
  'detail-type': 'Object Created',
  resources: ['arn:aws:s3:::data'],
  detail: { bucket: { name: 'data' }, object: { key: 'uploads/acme/a "b".csv', size: 12 } },
};

describe('event patterns', () => {
  it.each<[string, boolean, JsonObject]>([
    ['every member', true, { source: ['aws.s3'], detail: { bucket: { name: ['data'] } } }],
    ['one member that differs', false, { source: ['aws.s3'], detail: { bucket: { name: ['other'] } } }],
    ['any of several values', true, { source: ['aws.sqs', 'aws.s3'] }],
    ['a member the event has not', false, { detail: { job: { id: ['x'] } } }],
    ['any member of a list', true, { resources: ['arn:aws:s3:::data'] }],
    ['a prefix', true, { detail: { object: { key: [{ prefix: 'uploads/' }] } } }],
    ['another prefix', false, { detail: { object: { key: [{ prefix: 'results/' }] } } }],
    ['a suffix', true, { detail: { object: { key: [{ suffix: '.csv' }] } } }],
    ['a wildcard', true, { detail: { object: { key: [{ wildcard: 'uploads/*/*.csv' }] } } }],
    [
      'a wildcard whose dots are dots',
      false,
      { detail: { object: { key: [{ wildcard: 'uploads/*.csvx' }] } } },
    ],
    ['case aside', true, { source: [{ 'equals-ignore-case': 'AWS.S3' }] }],
    ['anything but a value', false, { source: [{ 'anything-but': ['aws.s3'] }] }],
    ['anything but a prefix', true, { source: [{ 'anything-but': { prefix: 'my.' } }] }],
    ['a number in a range', true, { detail: { object: { size: [{ numeric: ['>', 0, '<=', 12] }] } } }],
    ['a number out of a range', false, { detail: { object: { size: [{ numeric: ['<', 12] }] } } }],
    ['that something is there', true, { detail: { object: { size: [{ exists: true }] } } }],
    ['that something is not there', false, { detail: { object: { size: [{ exists: false }] } } }],
    ['that something missing is not there', true, { detail: { object: { etag: [{ exists: false }] } } }],
  ])('match by %s: %s', (_, expected, pattern) => {
    expect(compilePattern(pattern)(EVENT)).toBe(expected);
  });

  it.each<[JsonObject]>([
    [{ source: [{ cidr: '10.0.0.0/8' }] }],
    [{ $or: [{ source: ['a'] }] }],
    [{ source: 'aws.s3' }],
  ])('refuses %j', (pattern) => {
    expect(() => compilePattern(pattern)).toThrow('not imitated');
  });
});

describe('target inputs', () => {
  it('is the whole event, a part, or a constant', () => {
    expect(JSON.parse(targetInput(EVENT, {}))).toEqual(EVENT);
    expect(targetInput(EVENT, { InputPath: '$.detail.bucket' })).toBe('{"name":"data"}');
    expect(targetInput(EVENT, { Input: '{"do":"sweep"}' })).toBe('{"do":"sweep"}');
  });

  it('is a template with values in quotes and outside', () => {
    const InputPathsMap = {
      key: '$.detail.object.key',
      size: '$.detail.object.size',
      object: '$.detail.object',
    };
    const InputTemplate =
      '{"key": "at <key>", "raw": <key>, "size": <size>, "object": <object>, "none": <nothing>}';
    expect(JSON.parse(targetInput(EVENT, { InputTransformer: { InputPathsMap, InputTemplate } }))).toEqual({
      key: 'at uploads/acme/a "b".csv',
      raw: 'uploads/acme/a "b".csv',
      size: 12,
      object: { key: 'uploads/acme/a "b".csv', size: 12 },
      none: null,
    });
  });
});

describe('schedules', () => {
  it.each([
    ['rate(1 minute)', '2026-03-01T10:00:30Z', '2026-03-01T10:01:30Z'],
    ['rate(12 hours)', '2026-03-01T10:00:00Z', '2026-03-01T22:00:00Z'],
    ['rate(2 days)', '2026-02-28T00:00:00Z', '2026-03-02T00:00:00Z'],
    ['cron(0 12 * * ? *)', '2026-03-01T12:00:00Z', '2026-03-02T12:00:00Z'],
    ['cron(*/15 * * * ? *)', '2026-03-01T10:16:01Z', '2026-03-01T10:30:00Z'],
    ['cron(5/20 8-10 ? * MON-FRI *)', '2026-03-06T10:45:00Z', '2026-03-09T08:05:00Z'],
    ['cron(0 0 1,15 * ? *)', '2026-03-01T00:00:00Z', '2026-03-15T00:00:00Z'],
    ['cron(30 23 29 FEB ? *)', '2026-03-01T00:00:00Z', '2028-02-29T23:30:00Z'],
  ])('%s after %s is %s', (expression, after, next) => {
    expect(parseSchedule(expression)(Date.parse(after))).toBe(Date.parse(next));
  });

  it('has no next run when its year is over', () => {
    expect(parseSchedule('cron(0 0 1 1 ? 2020)')(Date.parse('2026-01-01T00:00:00Z'))).toBeUndefined();
  });

  it.each([
    'rate(0 minutes)',
    'rate(1 week)',
    'cron(0 0 L * ? *)',
    'cron(0 0 ? * 2#1 *)',
    'cron(60 0 * * ? *)',
    'at(2026)',
  ])('refuses %s', (expression) => {
    expect(() => parseSchedule(expression)).toThrow('not imitated');
  });
});
