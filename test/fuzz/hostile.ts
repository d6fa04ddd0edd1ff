import fc from 'fast-check';

/** Texts that have broken parsers, logs, paths and databases. */
const HOSTILE_TEXTS: readonly string[] = [
  '',
  ' ',
  '\u0000',
  'a\u0000b',
  '\ud800',
  '\u202egpj.exe',
  'ﷺ',
  '👩‍👩‍👧‍👦'.repeat(50),
  'İ',
  'x'.repeat(5000),
  '../../../../etc/passwd',
  '..%2f..%2fetc%2fpasswd',
  '%00',
  '%ff',
  '%',
  '/',
  '\\',
  '\r\nSet-Cookie: a=b',
  "' OR '1'='1",
  '%_\\',
  '<script>alert(1)</script>',
  '$'.concat('{jndi:ldap://x}'),
  '__proto__',
  'constructor',
  'toString',
  'null',
  'NaN',
  '-0',
  '1e999',
  '9'.repeat(400),
  '2024-02-30',
  '0000-00-00',
  '+275760-09-13T00:00:00.001Z',
  'job_00000000000000000000000000',
];

const NUMBERS = [
  0,
  -0,
  -1,
  0.1,
  1e-320,
  2 ** 31,
  2 ** 53,
  2 ** 63,
  1e21,
  1e308,
  -1e308,
  Number.MIN_VALUE,
  Number.MAX_VALUE,
];

export const hostileText = fc.oneof(fc.constantFrom(...HOSTILE_TEXTS), fc.string({ unit: 'binary' }));

const hostileValue: fc.Arbitrary<unknown> = fc.oneof(
  hostileText,
  fc.constantFrom<unknown>(...NUMBERS),
  fc.constantFrom<unknown>(null, true, [], {}, [[]], [null], { toString: null }, '\ud83d'),
  fc.jsonValue({ maxDepth: 2 }),
);

/** Bodies that are no document anybody meant, as bytes. */
export const hostileBody: fc.Arbitrary<Buffer> = fc.oneof(
  fc.constantFrom(
    Buffer.from(''),
    Buffer.from('{'),
    Buffer.from('null'),
    Buffer.from('[]'),
    Buffer.from('"text"'),
    Buffer.from('\ufeff{}'),
    Buffer.from('{"items":[],"items":[{}]}'),
    Buffer.from('{"__proto__":{"items":[]},"constructor":{"prototype":{}}}'),
    Buffer.from('{"items":[{"id":"a","day":"2024-01-01","impressions":1e400,"clicks":-1e400}]}'),
    Buffer.from(`${'['.repeat(20_000)}${']'.repeat(20_000)}`),
    Buffer.from(`{"items":${'['.repeat(5000)}${']'.repeat(5000)}}`),
    Buffer.from(`{"items":[${'{"metrics":'.repeat(3000)}1${'}'.repeat(3000)}]}`),
    Buffer.from([0xff, 0xfe, 0x7b, 0x7d]),
    Buffer.from([0x7b, 0x22, 0xc3, 0x28, 0x22, 0x7d]),
    Buffer.from([0x1f, 0x8b, 0x08, 0x00, 0x00]),
  ),
  fc.uint8Array({ maxLength: 200 }).map((bytes) => Buffer.from(bytes)),
  fc.json({ maxDepth: 4 }).map((json) => Buffer.from(json)),
);

/** A value in which one place is something else than it should be, is missing, or has company. */
export function nearly(valid: fc.Arbitrary<unknown>): fc.Arbitrary<unknown> {
  const change = fc.record({
    steps: fc.array(fc.nat(20), { maxLength: 4 }),
    kind: fc.constantFrom<'replace' | 'remove' | 'add'>('replace', 'remove', 'add'),
    name: fc.oneof(fc.constantFrom('__proto__', 'extra', 'id', ''), fc.string({ maxLength: 8 })),
    value: hostileValue,
  });
  return fc.tuple(valid, change).map(([value, { steps, ...how }]) => changed(value, steps, how));
}

interface Change {
  readonly kind: 'replace' | 'remove' | 'add';
  readonly name: string;
  readonly value: unknown;
}

function changed(value: unknown, steps: readonly number[], change: Change): unknown {
  if (typeof value !== 'object' || value === null) return change.value;
  const entries: [string, unknown][] = Object.entries(value);
  const [step, ...rest] = steps;
  const at = entries.length === 0 ? -1 : (step ?? 0) % entries.length;
  const next = changedEntries(entries, at, rest, step === undefined, change);
  return Array.isArray(value) ? next.map(([, entry]) => entry) : Object.fromEntries(next);
}

function changedEntries(
  entries: readonly [string, unknown][],
  at: number,
  rest: readonly number[],
  isHere: boolean,
  change: Change,
): [string, unknown][] {
  if (change.kind === 'add' && isHere) return [...entries, [change.name, change.value]];
  if (change.kind === 'remove' && isHere) return entries.filter((_, index) => index !== at);
  return entries.map(([name, entry], index) => [name, index === at ? changed(entry, rest, change) : entry]);
}
