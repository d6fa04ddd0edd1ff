import type { RejectReason, RejectSample } from '../observation/reject.ts';

/** How many rejected rows are reported one by one (analysis spec §1). */
export const MAX_SAMPLES = 20;
const MAX_TEXT_CODE_POINTS = 80;
/** Decoding more than this of a long row cannot add to its first 80 code points. */
export const MAX_TEXT_BYTES = MAX_TEXT_CODE_POINTS * 4;

/** A rejected row, its line counted from the start of the span of input that it was found in. */
export interface LocatedSample extends RejectSample {
  readonly byteOffset: number;
}

/** Rows refused so far, by reason, with the first few in input order. */
export class Rejections {
  readonly reasons = new Map<RejectReason, number>();
  samples: LocatedSample[] = [];

  add(sample: LocatedSample): void {
    this.reasons.set(sample.reason, (this.reasons.get(sample.reason) ?? 0) + 1);
    if (this.samples.length < MAX_SAMPLES) this.samples.push(sample);
  }

  get total(): number {
    let total = 0;
    for (const count of this.reasons.values()) total += count;
    return total;
  }
}

export function cutText(text: string): string {
  if (text.length <= MAX_TEXT_CODE_POINTS) return text;
  return Array.from(text.slice(0, 2 * MAX_TEXT_CODE_POINTS))
    .slice(0, MAX_TEXT_CODE_POINTS)
    .join('');
}
