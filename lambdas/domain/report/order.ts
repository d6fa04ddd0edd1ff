import type { Verdict } from './document.ts';

/** What an item's place in the reports depends on. */
export interface Ranked {
  readonly id: string;
  readonly verdict: Pick<Verdict, 'riskScore'>;
}

/** The order of items in every report: risk score descending, null last, then id by code point (analysis spec §10). */
export function compareItems(a: Ranked, b: Ranked): number {
  return compareRisk(a.verdict.riskScore, b.verdict.riskScore) || compareCodePoints(a.id, b.id);
}

function compareRisk(a: number | null, b: number | null): number {
  if (a === null || b === null) return Number(a === null) - Number(b === null);
  return b - a;
}

/**
 * Compares well-formed strings by Unicode code point, as their UTF-8 bytes compare. JavaScript's own order, by UTF-16
 * unit, puts characters beyond U+FFFF before U+E000.
 */
export function compareCodePoints(a: string, b: string): number {
  const length = Math.min(a.length, b.length);
  for (let i = 0; i < length; i++) {
    const [unitA, unitB] = [a.charCodeAt(i), b.charCodeAt(i)];
    if (unitA !== unitB) return codePointRank(unitA) - codePointRank(unitB);
  }
  return a.length - b.length;
}

/** Surrogates stand for characters above every unit from U+E000 on. */
function codePointRank(unit: number): number {
  return unit >= 0xd800 && unit <= 0xdfff ? unit + 0x10000 : unit;
}
