import fc from 'fast-check';
import { z } from 'zod';
import type { JsonSchema } from './document.ts';

const keywords = z.object({
  $ref: z.string().exactOptional(),
  type: z.string().exactOptional(),
  const: z.unknown().exactOptional(),
  enum: z.array(z.unknown()).exactOptional(),
  anyOf: z.array(z.record(z.string(), z.unknown())).exactOptional(),
  oneOf: z.array(z.record(z.string(), z.unknown())).exactOptional(),
  allOf: z.array(z.record(z.string(), z.unknown())).exactOptional(),
  pattern: z.string().exactOptional(),
  format: z.string().exactOptional(),
  minLength: z.number().exactOptional(),
  maxLength: z.number().exactOptional(),
  minimum: z.number().exactOptional(),
  maximum: z.number().exactOptional(),
  exclusiveMinimum: z.number().exactOptional(),
  exclusiveMaximum: z.number().exactOptional(),
  items: z.record(z.string(), z.unknown()).exactOptional(),
  minItems: z.number().exactOptional(),
  maxItems: z.number().exactOptional(),
  properties: z.record(z.string(), z.record(z.string(), z.unknown())).exactOptional(),
  required: z.array(z.string()).exactOptional(),
  propertyNames: z.record(z.string(), z.unknown()).exactOptional(),
  additionalProperties: z.union([z.boolean(), z.record(z.string(), z.unknown())]).exactOptional(),
});

type Keywords = z.infer<typeof keywords>;

const MOST_ITEMS = 6;
const MOST_CHARACTERS = 40;
const REFERENCE = '#/components/schemas/';

/** Members of which a schema cannot say all that has to hold. */
const MEMBERS: Readonly<Record<string, fc.Arbitrary<unknown>>> = {
  url: fc.constantFrom('https://hooks.example.com/in', 'https://example.org:8443/?a=b'),
  currency: fc.constantFrom('GBP', 'eur'),
  mapping: fc.constant({}),
  items: fc.array(
    fc.record({
      id: fc.constantFrom('A', 'B', 'É/%'),
      day: fc.nat(90).map((day) => new Date(Date.UTC(2025, 0, 1 + day)).toISOString().slice(0, 10)),
      impressions: fc.integer({ min: 1000, max: 100_000 }),
      clicks: fc.nat(1000),
    }),
    { minLength: 1, maxLength: 120 },
  ),
  from: fc.constant(1),
  to: fc.integer({ min: 1, max: 200 }),
};

/**
 * Values that a JSON schema takes, as far as it says: what a schema cannot say, such as that two members depend on one
 * another, they may still break.
 */
export function fromSchema(
  schema: JsonSchema,
  components: Readonly<Record<string, JsonSchema>>,
): fc.Arbitrary<unknown> {
  const of = (given: JsonSchema): fc.Arbitrary<unknown> => fromSchema(given, components);
  const given = keywords.parse(schema);
  if (given.$ref !== undefined) return of(components[given.$ref.replace(REFERENCE, '')] ?? {});
  if ('const' in given) return fc.constant(given.const);
  if (given.enum !== undefined) return fc.constantFrom(...given.enum);
  const choices = given.anyOf ?? given.oneOf;
  if (choices !== undefined) return fc.oneof(...choices.map(of));
  if (given.allOf !== undefined) return of(Object.assign({}, ...given.allOf));
  switch (given.type) {
    case 'string':
      return text(given);
    case 'integer':
      return integer(given);
    case 'number':
      return number(given);
    case 'boolean':
      return fc.boolean();
    case 'null':
      return fc.constant(null);
    case 'array':
      return fc.array(of(given.items ?? {}), {
        minLength: given.minItems ?? 0,
        maxLength: Math.max(given.minItems ?? 0, Math.min(given.maxItems ?? MOST_ITEMS, MOST_ITEMS)),
      });
    case 'object':
      return object(given, of);
    default:
      return fc.jsonValue({ maxDepth: 3 });
  }
}

function text({ pattern, format, minLength = 0, maxLength = MOST_CHARACTERS }: Keywords) {
  if (format === 'date') return date().map((day) => day.slice(0, 10));
  if (format === 'date-time') return date();
  if (format === 'uri') return fc.webUrl();
  const lengths = { minLength, maxLength: Math.max(minLength, Math.min(maxLength, MOST_CHARACTERS)) };
  if (pattern === undefined) return fc.string({ ...lengths, unit: 'grapheme' });
  return fc.stringMatching(new RegExp(pattern, /\\p\{/.test(pattern) ? 'u' : ''));
}

function date(): fc.Arbitrary<string> {
  const range = { min: new Date('1970-01-01'), max: new Date('2099-12-31'), noInvalidDate: true };
  return fc.date(range).map((day) => day.toISOString());
}

function integer({ minimum, maximum, exclusiveMinimum, exclusiveMaximum }: Keywords) {
  const min = Math.max(minimum ?? -(2 ** 31), (exclusiveMinimum ?? Number.NEGATIVE_INFINITY) + 1);
  const max = Math.min(maximum ?? 2 ** 31, (exclusiveMaximum ?? Number.POSITIVE_INFINITY) - 1);
  return fc.integer({
    min: Math.max(min, Number.MIN_SAFE_INTEGER),
    max: Math.min(max, Number.MAX_SAFE_INTEGER),
  });
}

function number({ minimum, maximum, exclusiveMinimum, exclusiveMaximum }: Keywords) {
  return fc.double({
    noNaN: true,
    min: exclusiveMinimum ?? minimum ?? -1e6,
    max: exclusiveMaximum ?? maximum ?? 1e6,
    minExcluded: exclusiveMinimum !== undefined,
    maxExcluded: exclusiveMaximum !== undefined,
  });
}

function object(
  { properties = {}, required = [], propertyNames, additionalProperties }: Keywords,
  of: (schema: JsonSchema) => fc.Arbitrary<unknown>,
): fc.Arbitrary<unknown> {
  // Of two ways to say the same thing only one may be used.
  const used = Object.entries(properties).filter(
    ([name]) => name !== 'columns' || properties['items'] === undefined,
  );
  const members = Object.fromEntries(used.map(([name, member]) => [name, MEMBERS[name] ?? of(member)]));
  const own = fc.record(members, { requiredKeys: [...required, 'items'].filter((name) => name in members) });
  if (typeof additionalProperties !== 'object') return own;
  const names = propertyNames === undefined ? fc.string({ maxLength: 20 }) : of(propertyNames).map(String);
  const others = fc.dictionary(names, of(additionalProperties), { maxKeys: MOST_ITEMS });
  return fc.tuple(others, own).map(([more, given]) => ({ ...more, ...given }));
}
