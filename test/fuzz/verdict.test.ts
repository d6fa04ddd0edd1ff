import { describe, expect, it } from 'vitest';
import { openApiDocument } from '../../lambdas/api/openapi/document.ts';
import { type Operation, readDocument } from './document.ts';
import type { Received } from './send.ts';
import { complaintsOf } from './verdict.ts';

const { operations } = readDocument(JSON.parse(JSON.stringify(openApiDocument(''))));
const operation = (operationId: string) => operations.find((one) => one.operationId === operationId)!;

function answer(status: number, body: unknown, type = status < 400 ? 'application/json' : PROBLEM): Received {
  const text = typeof body === 'string' ? body : JSON.stringify(body);
  return { status, headers: { 'content-type': type }, body: Buffer.from(text) };
}

const PROBLEM = 'application/problem+json';
const health = { status: 'ok', version: '1.0.0', time: '2026-03-02T10:00:00.000Z' };
const problem = {
  ...{ type: '/docs/errors/not_found', title: 'There is no such thing', status: 404, code: 'not_found' },
  ...{ detail: 'There is no job.', remedy: 'Check it.', retryable: false, requestId: 'req_1' },
};
const token = operation('createToken');

describe('an answer', () => {
  it('as the document says it is gives no cause for complaint', () => {
    expect(complaintsOf(operation('getHealth'), 'GET', answer(200, health))).toEqual([]);
    expect(complaintsOf(operation('getJob'), 'GET', answer(404, problem))).toEqual([]);
    expect(complaintsOf(operation('getReport'), 'GET', answer(200, 'Rank,Action\n', 'text/csv'))).toEqual([]);
    expect(complaintsOf(null, 'PUT', answer(404, problem))).toEqual([]);
  });

  it.each<[string, Operation | null, Received, RegExp]>([
    ['a server’s error', operation('getHealth'), answer(500, { ...problem, status: 500 }), /answers 500/],
    [
      'a body of another form',
      operation('getHealth'),
      answer(200, { ...health, status: 1 }),
      /not as the document/,
    ],
    ['a body without a member', operation('getJob'), answer(200, { id: 'job_1' }), /not as the document/],
    [
      'a status that it does not have',
      operation('getHealth'),
      answer(404, problem),
      /not have the status 404/,
    ],
    ['another type', operation('getReport'), answer(200, '<p>', 'text/html'), /of the type text\/html/],
    ['no JSON', operation('getOpenApi'), answer(200, '{'), /no JSON/],
    ['a body where there is none', operation('revokeToken'), answer(204, '{}'), /has a body/],
    [
      'an error of another type',
      token,
      answer(400, { message: 'no' }, 'application/json'),
      /type application\/json/,
    ],
    [
      'an error without a remedy',
      token,
      answer(400, { ...problem, remedy: undefined }),
      /no problem document/,
    ],
    ['a problem of another status', token, answer(400, problem), /says 404, the answer 400/],
    ['an answer where nothing is', null, answer(200, health), /where there is nothing/],
    ...['at parse (file:///var/task/index.mjs:3:1)', 'arn:aws:s3:::b', 'ZodError: []', '[object Object]'].map(
      (detail) =>
        [detail, operation('getJob'), answer(404, { ...problem, detail }), /It shows/] satisfies [
          string,
          Operation,
          Received,
          RegExp,
        ],
    ),
  ])('with %s is complained about', (_, of, given, complaint) => {
    expect(complaintsOf(of, 'GET', given).join('\n')).toMatch(complaint);
  });
});
