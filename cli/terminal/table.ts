import { displayWidth, pad, truncate } from './text.ts';

export interface Column {
  readonly heading: string;
  readonly align: 'left' | 'right';
}

export interface Cell {
  readonly text: string;
  /** Colours the padded cell; must not change its width. */
  readonly paint?: (text: string) => string;
}

const GAP = '  ';
const NARROWEST_LAST = 8;

/**
 * Lines of a table, headings first. Columns are as wide as their widest cell; the last one is cut so that no line is
 * wider than `width` columns.
 */
export function tableLines(
  columns: readonly Column[],
  rows: readonly (readonly Cell[])[],
  width: number,
  paintHeading: (text: string) => string,
): string[] {
  const headings = columns.map(({ heading }) => ({ text: heading }));
  const widths = columns.map((_, at) =>
    [headings, ...rows].reduce((widest, row) => Math.max(widest, displayWidth(row[at]?.text ?? '')), 0),
  );
  const last = columns.length - 1;
  const taken = widths.slice(0, last).reduce((sum, own) => sum + own + GAP.length, 0);
  const room = Math.max(NARROWEST_LAST, width - taken);

  const line = (row: readonly Cell[]): string =>
    columns
      .map(({ align }, at) => {
        const { text, paint } = row[at] ?? { text: '' };
        const fitted = at === last ? truncate(text, room) : pad(text, widths[at] ?? 0, align);
        return paint ? paint(fitted) : fitted;
      })
      .join(GAP);
  return [paintHeading(line(headings).trimEnd()), ...rows.map(line)];
}
