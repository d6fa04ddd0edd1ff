/** What a field holds; undefined when a line has no such field. */
export type Value = string | number | Date | undefined;

/** A number that a value is or spells. */
export function numberOf(value: Value): number | undefined {
  if (value === undefined || value === '') return undefined;
  const number = Number(value);
  return Number.isFinite(number) ? number : undefined;
}

export function isTrue(value: Value): boolean {
  return value !== undefined && value !== '' && value !== 0;
}

const DECIMALS = 4;

/** A value as results show it; times as `2026-01-31 12:00:00.000`. */
export function textOf(value: Exclude<Value, undefined>): string {
  if (value instanceof Date) return value.toISOString().replace('T', ' ').replace('Z', '');
  return typeof value === 'number' ? String(Number(value.toFixed(DECIMALS))) : value;
}

/** The order of sorting: what is missing, then texts, then numbers. */
export function inOrder(left: Value, right: Value): number {
  const [a, b] = [numberOf(left), numberOf(right)];
  if (a !== undefined && b !== undefined) return a - b;
  if (a !== undefined || b !== undefined) return a === undefined ? -1 : 1;
  if (left === undefined || right === undefined)
    return Number(left !== undefined) - Number(right !== undefined);
  return compareTexts(textOf(left), textOf(right));
}

export type Comparison = '=' | '!=' | '<' | '>' | '<=' | '>=';

/** Compares numbers as numbers and all else as texts. What is missing compares to nothing, and is unequal to nothing. */
export function holds(left: Value, comparison: Comparison, right: Value): boolean {
  if (left === undefined || right === undefined) return false;
  const [a, b] = [numberOf(left), numberOf(right)];
  const isNumeric = a !== undefined && b !== undefined;
  const order = isNumeric ? a - b : compareTexts(textOf(left), textOf(right));
  if (comparison === '=') return order === 0;
  if (comparison === '!=') return order !== 0;
  // A number and a text have no order.
  if (!isNumeric && (a !== undefined || b !== undefined)) return false;
  if (comparison === '<') return order < 0;
  if (comparison === '>') return order > 0;
  return comparison === '<=' ? order <= 0 : order >= 0;
}

function compareTexts(left: string, right: string): number {
  if (left === right) return 0;
  return left < right ? -1 : 1;
}
