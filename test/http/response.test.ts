import { brotliDecompressSync, gunzipSync, gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isCompressible, negotiateCoding } from '../../lambdas/http/content-encoding.ts';
import { proxyResultOf } from '../../lambdas/http/proxy.ts';
import { toWire } from '../../lambdas/http/response.ts';

const LONG = 'spring '.repeat(300);
const head = (headers: Record<string, string> = {}, method = 'GET') => ({
  method,
  requestId: 'req_1',
  headers,
});
const ok = (body: unknown) => ({ status: 200, body });

describe('the coding of an answer', () => {
  it.each([
    [undefined, 'identity'],
    ['', 'identity'],
    ['gzip', 'gzip'],
    ['gzip, br', 'br'],
    ['gzip, deflate, br, zstd', 'br'],
    ['br;q=0.5, gzip;q=0.9', 'gzip'],
    ['BR ; q=1', 'br'],
    ['*', 'br'],
    ['*, br;q=0', 'gzip'],
    ['gzip;q=0', 'identity'],
    ['identity', 'identity'],
    ['identity;q=1, gzip;q=0.5', 'identity'],
    ['deflate', 'identity'],
    ['gzip;q=nonsense', 'identity'],
  ])('for Accept-Encoding %j is %s', (header, coding) => {
    expect(negotiateCoding(header)).toBe(coding);
  });

  it('is never one that was refused, whatever the weights', () => {
    const weight = fc.integer({ min: 0, max: 10 }).map((tenths) => tenths / 10);
    const wishes = fc.uniqueArray(fc.tuple(fc.constantFrom('br', 'gzip', 'identity', 'deflate'), weight), {
      selector: ([coding]) => coding,
    });
    fc.assert(
      fc.property(wishes, (given) => {
        const header = given.map(([coding, q]) => `${coding};q=${q}`).join(', ');
        const weights = new Map<string, number>(given);
        const chosen = negotiateCoding(header);
        if (chosen === 'identity') return;
        expect(weights.get(chosen) ?? 0).toBeGreaterThan(0);
        for (const other of ['br', 'gzip', 'identity']) {
          expect(weights.get(chosen)).toBeGreaterThanOrEqual(weights.get(other) ?? 0);
        }
      }),
    );
  });

  it.each([
    ['application/json', true],
    ['application/problem+json', true],
    ['text/csv; charset=utf-8', true],
    ['text/html', true],
    ['image/svg+xml', true],
    ['application/pdf', false],
    ['application/octet-stream', false],
    ['image/png', false],
  ])('may be a packed one for %s: %s', (type, packed) => {
    expect(isCompressible(type)).toBe(packed);
  });
});

describe('an answer', () => {
  it('unpacks to the same bytes, whichever coding was wanted', async () => {
    const unpack = { br: brotliDecompressSync, gzip: gunzipSync } as const;
    for (const coding of ['br', 'gzip'] as const) {
      const { headers, body } = await toWire(head({ 'accept-encoding': coding }), ok({ text: LONG }));
      expect(headers['Content-Encoding']).toBe(coding);
      expect(headers['Vary']).toBe('Accept-Encoding');
      expect(JSON.parse(unpack[coding](body).toString())).toEqual({ text: LONG });
    }
  });

  it.each([
    [undefined, undefined],
    ['gzip', 'gzip'],
    ['gzip, deflate, br, zstd', 'gzip'],
    ['*', 'gzip'],
    ['br', 'br'],
    ['br, gzip;q=0.5', 'br'],
    ['identity', undefined],
    ['gzip;q=0', undefined],
    ['identity, gzip;q=0.5', undefined],
  ])('that is packed already goes to whoever accepts %j in %s', (accepted, coding) => {
    // Shorter than what would be packed here.
    const packed = gzipSync('{"text":"spring"}');
    const headers = accepted === undefined ? {} : { 'accept-encoding': accepted };
    const json = { 'Content-Type': 'application/json' };
    const wire = toWire(head(headers, 'POST'), { ...ok(packed), headers: json, packed: 'gzip' });
    expect(wire.headers['Content-Encoding']).toBe(coding);
    expect(wire.headers['Vary']).toBe('Accept-Encoding');
    if (coding === 'gzip') expect(wire.body).toBe(packed);
    const unpack = { br: brotliDecompressSync, gzip: gunzipSync, none: (bytes: Uint8Array) => bytes };
    const plain = unpack[coding === 'br' || coding === 'gzip' ? coding : 'none'](wire.body);
    expect(Buffer.from(plain).toString()).toBe('{"text":"spring"}');
  });

  it('is packed from 1 KiB on', async () => {
    const coding = async (bytes: number) => {
      const response = { ...ok('a'.repeat(bytes)), headers: { 'Content-Type': 'text/plain' } };
      return (await toWire(head({ 'accept-encoding': 'gzip' }), response)).headers['Content-Encoding'];
    };
    expect(await coding(1023)).toBeUndefined();
    expect(await coding(1024)).toBe('gzip');
  });

  it('that is packed already or cannot shrink goes as it is', async () => {
    const zeros = new Uint8Array(4096);
    for (const extra of [
      { 'Content-Type': 'application/pdf' },
      { 'Content-Type': 'text/csv', 'Content-Encoding': 'zstd' },
    ]) {
      const wire = await toWire(head({ 'accept-encoding': 'br' }), { ...ok(zeros), headers: extra });
      expect(wire.body).toEqual(zeros);
      expect(wire.headers['Content-Encoding']).not.toBe('br');
    }
  });

  it('says who answered, and that it may be kept only if it can be checked', async () => {
    const wire = await toWire(head(), ok({}));
    expect(wire.headers).toMatchObject({
      'Request-Id': 'req_1',
      'Content-Type': 'application/json',
      'Cache-Control': 'private, no-cache',
      'X-Content-Type-Options': 'nosniff',
    });
    expect((await toWire(head({}, 'POST'), ok({}))).headers['Cache-Control']).toBe('no-store');
    expect((await toWire(head(), { status: 404, body: {} })).headers['Cache-Control']).toBe('no-store');
    const own = { ...ok({}), headers: { 'Cache-Control': 'public, max-age=300' } };
    expect((await toWire(head(), own)).headers['Cache-Control']).toBe('public, max-age=300');
  });

  it('without a body has no type', async () => {
    const wire = await toWire(head({}, 'DELETE'), { status: 204 });
    expect(wire.headers['Content-Type']).toBeUndefined();
    expect(wire.body).toHaveLength(0);
  });
});

describe('an entity tag', () => {
  const tagOf = async (body: unknown, coding = 'identity') =>
    (await toWire(head({ 'accept-encoding': coding }), ok(body))).headers['ETag'] ?? '';

  it('is of the bytes: equal for equal ones, other for others and for another coding', async () => {
    const tag = await tagOf({ text: LONG });
    expect(tag).toMatch(/^"[\w-]{20}"$/);
    expect(await tagOf({ text: LONG })).toBe(tag);
    expect(await tagOf({ text: `${LONG}.` })).not.toBe(tag);
    expect(await tagOf({ text: LONG }, 'gzip')).not.toBe(tag);
  });

  it.each([
    ['the tag itself', (tag: string) => tag, 304],
    ['a weak form of it', (tag: string) => `W/${tag}`, 304],
    ['it among others', (tag: string) => `"other", ${tag}`, 304],
    ['anything', () => '*', 304],
    ['another', () => '"other"', 200],
    ['nothing', () => '', 200],
  ])('that the client names as %s', async (_, named, status) => {
    const tag = await tagOf({ a: 1 });
    const wire = await toWire(head({ 'if-none-match': named(tag) }), ok({ a: 1 }));
    expect(wire.status).toBe(status);
    expect(wire.headers['ETag']).toBe(tag);
    expect(wire.body.length === 0).toBe(status === 304);
  });

  it('is only on what was read and found', async () => {
    expect((await toWire(head({}, 'POST'), ok({}))).headers['ETag']).toBeUndefined();
    expect((await toWire(head({ 'if-none-match': '*' }), { status: 404, body: {} })).status).toBe(404);
  });
});

describe('on the way to API Gateway', () => {
  it('text stays text, and anything else is base64', async () => {
    const text = proxyResultOf(await toWire(head(), ok({ name: 'Été' })));
    expect(text).toMatchObject({ body: '{"name":"Été"}', isBase64Encoded: false });
    const packed = proxyResultOf(await toWire(head({ 'accept-encoding': 'gzip' }), ok(LONG)));
    expect(packed.isBase64Encoded).toBe(true);
    expect(gunzipSync(Buffer.from(packed.body, 'base64')).toString()).toBe(JSON.stringify(LONG));
    expect(proxyResultOf(await toWire(head({}, 'DELETE'), { status: 204 }))).toMatchObject({
      body: '',
      isBase64Encoded: false,
    });
  });
});
