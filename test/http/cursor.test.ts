import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeCursor, encodeCursor } from '../../lambdas/http/cursor.ts';
import { pageResponse, positionOf } from '../../lambdas/http/page.ts';
import { Problem } from '../../lambdas/http/problem.ts';
import { CALLER, requestFor } from './requests.ts';

const finite = fc.double({ noNaN: true, noDefaultInfinity: true }).map((value) => (value === 0 ? 0 : value));
const positions = fc.array(fc.oneof(fc.string(), finite, fc.constant(null)), { maxLength: 4 });

function refusal(act: () => unknown): string {
  try {
    act();
  } catch (error) {
    return error instanceof Problem ? error.code : String(error);
  }
  return 'accepted';
}

describe('a cursor', () => {
  it('gives the position back that it was made of, in characters that need no escape', () => {
    fc.assert(
      fc.property(positions, fc.string(), (position, list) => {
        const cursor = encodeCursor(position, list);
        expect(cursor).toMatch(/^[\w-]+$/);
        expect(decodeCursor(cursor, list)).toEqual(position);
      }),
    );
  });

  it('holds for no other list', () => {
    fc.assert(
      fc.property(positions, fc.string(), fc.string(), (position, list, other) => {
        fc.pre(list !== other);
        expect(refusal(() => decodeCursor(encodeCursor(position, list), other))).toBe('invalid_cursor');
      }),
    );
  });

  it('with any character changed, added or missing is refused', () => {
    const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
    fc.assert(
      fc.property(
        positions,
        fc.nat(),
        fc.constantFrom(...alphabet, '', ' ', '=', '%'),
        (position, where, by) => {
          const cursor = encodeCursor(position, 'list');
          const at = where % (cursor.length + 1);
          const changed = cursor.slice(0, at) + by + cursor.slice(at + 1);
          fc.pre(changed !== cursor);
          expect(refusal(() => decodeCursor(changed, 'list'))).toBe('invalid_cursor');
        },
      ),
    );
  });

  it('of arbitrary text is refused', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        expect(refusal(() => decodeCursor(text, 'list'))).toBe('invalid_cursor');
      }),
    );
  });
});

describe('a page', () => {
  const request = requestFor('listJobs', {
    query: { state: ['FAILED', 'PENDING'], q: ['a&b'], limit: ['2'] },
  });
  const page = pageResponse(request, { data: [1, 2], next: ['job_2'], total: null });
  const next = String(/<([^>]+)>; rel="next"/.exec(page.headers?.['Link'] ?? '')?.[1]);
  const called = new URL(next, 'https://example.com');
  const follow = (changes: Record<string, string[]>, caller = CALLER) => {
    const names = [...new Set(called.searchParams.keys())];
    const query = Object.fromEntries(names.map((name) => [name, called.searchParams.getAll(name)]));
    return requestFor('listJobs', { query: { ...query, ...changes }, caller });
  };

  it('links to the next with every parameter kept', () => {
    expect(called.pathname).toBe('/api/jobs');
    expect(called.searchParams.getAll('state')).toEqual(['FAILED', 'PENDING']);
    expect(called.searchParams.get('q')).toBe('a&b');
    expect(page.body).toEqual({
      data: [1, 2],
      page: { next: called.searchParams.get('cursor'), total: null },
    });
    expect(positionOf(follow({}))).toEqual(['job_2']);
  });

  it('may change its size and the order of its filters, but nothing else', () => {
    expect(positionOf(follow({ limit: ['200'], state: ['PENDING', 'FAILED'] }))).toEqual(['job_2']);
    expect(refusal(() => positionOf(follow({ state: ['FAILED'] })))).toBe('invalid_cursor');
    expect(refusal(() => positionOf(follow({ dataset: ['ds_1'] })))).toBe('invalid_cursor');
    expect(refusal(() => positionOf(follow({}, { ...CALLER, tenant: 'other' })))).toBe('invalid_cursor');
    const elsewhere = requestFor('listDatasets', { query: follow({}).query });
    expect(refusal(() => positionOf(elsewhere))).toBe('invalid_cursor');
  });

  it('that is the last has no next', () => {
    const last = pageResponse(request, { data: [], next: null, total: 0 });
    expect(last.headers).toBeUndefined();
    expect(last.body).toEqual({ data: [], page: { next: null, total: 0 } });
    expect(positionOf(requestFor('listJobs'))).toBeNull();
  });
});
