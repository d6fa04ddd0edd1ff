import { malformed } from './malformed.ts';

const MAX_LENGTH = 1_000;

/** Reads a regular expression of a query; `(?i)` before it ignores case. @throws AwsError when it is none */
export function readPattern(text: string): RegExp {
  if (text.length > MAX_LENGTH) throw malformed(`a regular expression has ${MAX_LENGTH} characters at most`);
  const [, flags = '', pattern = ''] = /^(?:\(\?([ims]+)\))?(.*)$/s.exec(text) ?? [];
  try {
    return new RegExp(pattern, flags);
  } catch (error) {
    throw malformed(`/${text}/: ${error instanceof Error ? error.message : error}`);
  }
}
