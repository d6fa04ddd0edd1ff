import stringWidth from 'string-width';

/** Controls, line and paragraph separators, lone surrogates, and the marks that reorder the rest of a line. */
const HARMFUL = /\r\n|[\p{Cc}\p{Cs}\p{Zl}\p{Zp}\u202A-\u202E\u2066-\u2069]/gu;
const graphemes = new Intl.Segmenter('en', { granularity: 'grapheme' });

/**
 * Foreign text on one line of a terminal: line breaks become `↵`, everything a terminal would obey becomes a visible
 * escape such as `\x1b`, and a leading combining mark gets a base of its own.
 */
export function harmless(text: string): string {
  const shown = text.replace(HARMFUL, (match) => {
    if (match === '\n' || match === '\r\n') return '↵';
    const code = match.codePointAt(0) ?? 0;
    return code < 0x100 ? `\\x${code.toString(16).padStart(2, '0')}` : `\\u{${code.toString(16)}}`;
  });
  return /^\p{M}/u.test(shown) ? `◌${shown}` : shown;
}

/** How many columns of a terminal a text takes. */
export function displayWidth(text: string): number {
  return stringWidth(text);
}

/** `text` in at most `width` columns, cut between grapheme clusters and ended with `…` where something is missing. */
export function truncate(text: string, width: number): string {
  if (displayWidth(text) <= width) return text;
  let kept = '';
  let used = 0;
  for (const { segment } of graphemes.segment(text)) {
    used += displayWidth(segment);
    if (used > width - 1) break;
    kept += segment;
  }
  return `${kept.trimEnd()}…`;
}

/** Fills `text` up with spaces to `width` columns. */
export function pad(text: string, width: number, align: 'left' | 'right'): string {
  const filler = ' '.repeat(Math.max(0, width - displayWidth(text)));
  return align === 'left' ? text + filler : filler + text;
}
