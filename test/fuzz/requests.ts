import fc from 'fast-check';
import type { ApiDocument, JsonSchema, Operation, Parameter } from './document.ts';
import { fromSchema } from './from-schema.ts';
import { hostileBody, hostileText, nearly } from './hostile.ts';

/** A value of a parameter: a text, or one of those that answers have had in such a place before. */
export type Given = { readonly text: string } | { readonly known: number; readonly otherwise: string };

/** A request before the ids it names are known. */
export interface Draft {
  readonly operation: Operation;
  readonly method: string;
  /** In place of the operation's, percent-encoded; null is the operation's own. */
  readonly path: string | null;
  readonly parameters: Readonly<Record<string, Given>>;
  readonly query: readonly (readonly [name: string, value: Given])[];
  readonly headers: Readonly<Record<string, string>>;
  readonly credential: 'token' | 'none' | 'wrong';
  readonly body: Buffer | null;
}

const PATHS = [
  '/api/jobs/../tokens',
  '/api/%2e%2e/%2e%2e/etc/passwd',
  '/api//jobs',
  '/api/jobs//',
  '/api/jobs/%',
  '/api/jobs/%00',
  '/api/jobs/%ff%fe',
  '/api/jobs/job_1/items/%2F..%2F..',
  '/docs/errors/..%2f..%2fhealth',
  '/docs/errors/__proto__',
  '/docs/errors/%3Cscript%3E',
  '/prod/health',
  `/api/jobs/${'x'.repeat(6000)}`,
  '/favicon.ico',
];
const METHODS = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'HEAD', 'OPTIONS'];

/** Requests to operations of the document: right ones, those with one thing wrong, and hostile ones. */
export function requestsOf({ operations, components }: ApiDocument): fc.Arbitrary<Draft> {
  const byOperation = operations.map((operation) => requestOf(operation, components));
  return fc
    .nat(byOperation.length - 1)
    .chain((index) => byOperation[index] ?? fc.constant(undefined as never));
}

function requestOf(
  operation: Operation,
  components: Readonly<Record<string, JsonSchema>>,
): fc.Arbitrary<Draft> {
  const { parameters, method, body } = operation;
  const inPath = parameters.filter((parameter) => parameter.in === 'path');
  const inQuery = parameters.filter((parameter) => parameter.in === 'query');
  const right = {
    operation: fc.constant(operation),
    method: fc.constant(method),
    path: fc.constant(null),
    parameters: fc.record(Object.fromEntries(inPath.map(({ name }) => [name, known()]))),
    query: queryOf(inQuery, components),
    headers: fc.oneof({ weight: 4, arbitrary: fc.constant({}) }, { weight: 1, arbitrary: headers() }),
    credential: fc.constant<Draft['credential']>('token'),
    body: body === null ? fc.constant(null) : rightBody(body.schema, components),
  };
  const wrongBody =
    body === null
      ? fc.option(hostileBody)
      : fc.oneof(nearly(contentOf(body.schema, components)).map(bytesOf), hostileBody);
  return fc.oneof(
    { weight: 9, arbitrary: fc.record<Draft>(right) },
    { weight: 4, arbitrary: fc.record<Draft>({ ...right, body: wrongBody }) },
    { weight: 2, arbitrary: fc.record<Draft>({ ...right, query: wrongQuery(inQuery) }) },
    {
      weight: 2,
      arbitrary: fc.record<Draft>({
        ...right,
        parameters: fc.record(Object.fromEntries(inPath.map(({ name }) => [name, anyText()]))),
        headers: headers(),
      }),
    },
    {
      weight: 1,
      arbitrary: fc.record<Draft>({
        ...right,
        method: fc.constantFrom(...METHODS),
        path: fc.option(fc.constantFrom(...PATHS)),
        credential: fc.constantFrom<Draft['credential']>('token', 'none', 'wrong'),
      }),
    },
  );
}

function contentOf(schema: JsonSchema, components: Readonly<Record<string, JsonSchema>>) {
  // Of a body that is no JSON the schema says nothing but what it is; a file is what is wanted.
  return schema['type'] === undefined && schema['anyOf'] === undefined && schema['$ref'] === undefined
    ? fc.constant('ad_name,day,impressions,clicks\nA,2024-01-01,1000,20\n')
    : fromSchema(schema, components);
}

function rightBody(schema: JsonSchema, components: Readonly<Record<string, JsonSchema>>) {
  return contentOf(schema, components).map(bytesOf);
}

function bytesOf(value: unknown): Buffer {
  return Buffer.from(
    typeof value === 'string' && value.startsWith('ad_name') ? value : JSON.stringify(value),
  );
}

function known(): fc.Arbitrary<Given> {
  return fc.record({ known: fc.nat(30), otherwise: fc.constantFrom('none', 'all', 'internal') });
}

function anyText(): fc.Arbitrary<Given> {
  return hostileText.map((text) => ({ text }));
}

function queryOf(parameters: readonly Parameter[], components: Readonly<Record<string, JsonSchema>>) {
  const each = parameters.map(({ name, schema, required }) => {
    const value: fc.Arbitrary<Given> =
      name === 'cursor'
        ? known()
        : fromSchema(schema, components).map((one) => ({
            text: Array.isArray(one) ? String(one[0]) : String(one),
          }));
    const pair = value.map((one): readonly [string, Given] => [name, one]);
    return required ? pair : fc.option(pair, { freq: 3 });
  });
  return fc.tuple(...each).map((pairs) => pairs.filter((pair) => pair !== null));
}

function wrongQuery(parameters: readonly Parameter[]) {
  const names = fc.constantFrom(
    'cursor',
    'limit',
    'unknown',
    '__proto__',
    ...parameters.map(({ name }) => name),
  );
  return fc.array(fc.tuple(names, anyText()), { minLength: 1, maxLength: 4 });
}

function headers(): fc.Arbitrary<Record<string, string>> {
  const value = fc.oneof(
    fc.string({
      maxLength: 40,
      unit: fc.integer({ min: 32, max: 126 }).map((code) => String.fromCharCode(code)),
    }),
    fc.constantFrom(
      '*',
      '"',
      'W/""',
      '*/*;q=-1',
      'identity;q=0, *;q=0',
      'br;q=1e9',
      'wait=0',
      'é',
      'x'.repeat(2000),
    ),
  );
  const names = [
    'if-none-match',
    'idempotency-key',
    'accept',
    'accept-encoding',
    'accept-language',
    'content-type',
    'prefer',
    'origin',
    'range',
    'x-forwarded-for',
    'x-http-method-override',
    '__proto__',
  ];
  return fc.dictionary(fc.constantFrom(...names), value, { maxKeys: 3 }).filter(waitsLittle);
}

/** Held back, an answer takes up to twenty seconds and shows nothing else. */
function waitsLittle(given: Readonly<Record<string, string>>): boolean {
  return !/wait\s*=\s*"?[1-9]/i.test(given['prefer'] ?? '');
}
