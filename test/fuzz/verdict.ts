import { problemSchema } from '../../lambdas/contracts/api/common.ts';
import type { Operation } from './document.ts';
import type { Received } from './send.ts';

/** What no answer may show: where the code lies, which stores there are, and secrets. */
const LEAKS: readonly RegExp[] = [
  /\bat [\w.<>[\] ]+ \(?(file:|node:|\/)/,
  /node_modules/,
  /\b[\w-]+\.(ts|mjs|js):\d+/,
  /\barn:aws/,
  /\b(ASIA|AKIA)[A-Z0-9]{12}/,
  /\bECONN(REFUSED|RESET)\b/,
  /\b(ZodError|TypeError|RangeError|SyntaxError|ReferenceError)\b/,
  /\b(SELECT|INSERT|UPDATE) .*\b(FROM|INTO|SET)\b/,
  /\[object Object\]/,
];

/**
 * What is wrong with an answer, a sentence each; none is as it should be.
 *
 * @param operation what the request was for; null when the document has no such method and path
 */
export function complaintsOf(operation: Operation | null, method: string, answer: Received): string[] {
  const { status, headers, body } = answer;
  const text = body.toString();
  return [
    ...(status >= 500 ? [`It answers ${status}.`] : []),
    ...(status >= 400 && method !== 'HEAD' ? problemComplaints(answer, text) : []),
    ...(operation === null ? [] : promiseComplaints(operation, answer, text)),
    ...(operation === null && status < 400 && !/^(OPTIONS|HEAD)$/.test(method)
      ? [`It answers ${status} where there is nothing.`]
      : []),
    ...(status < 400 || operation === null ? [] : leaksIn(text)),
    ...(status >= 400 ? leaksIn(JSON.stringify(headers)) : []),
  ];
}

function problemComplaints({ status, headers }: Received, text: string): string[] {
  const type = headers['content-type'];
  if (type !== 'application/problem+json') return [`An error is of the type ${type}.`];
  const problem = problemSchema.safeParse(parsed(text));
  if (!problem.success) return [`An error is no problem document: ${problem.error.message}`];
  return problem.data.status === status
    ? []
    : [`The problem says ${problem.data.status}, the answer ${status}.`];
}

function promiseComplaints({ answers }: Operation, { status, headers }: Received, text: string): string[] {
  const promised = answers.get(status);
  if (promised === undefined) return [`The document does not have the status ${status}.`];
  if (promised.size === 0) return text === '' ? [] : ['It has a body that the document does not have.'];
  const type = headers['content-type']?.split(';')[0] ?? '';
  const body = promised.get(type);
  if (body === undefined) return [`It is of the type ${type}, the document says ${[...promised.keys()]}.`];
  const value = parsed(text);
  if (type === 'application/json' && value === undefined) return ['It is no JSON.'];
  if (body === null) return [];
  const checked = body.safeParse(value);
  return checked.success ? [] : [`The body is not as the document says: ${checked.error.message}`];
}

function leaksIn(text: string): string[] {
  return LEAKS.filter((leak) => leak.test(text)).map((leak) => `It shows ${leak.exec(text)?.[0]}.`);
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
