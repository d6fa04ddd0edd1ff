import { styleText } from 'node:util';

export type Style = 'bold' | 'dim' | 'red' | 'green' | 'yellow' | 'magenta' | 'cyan';

export type Paint = (style: Style | readonly Style[], text: string) => string;

/**
 * Colours text for a stream. Colour needs a terminal that has it; `NO_COLOR`, `FORCE_COLOR` and `TERM=dumb` are
 * honoured as Node does, and `allowed: false` (`--no-color`) beats them all.
 */
export function painter(stream: NodeJS.WritableStream, allowed: boolean): Paint {
  if (!allowed) return (_, text) => text;
  return (style, text) => styleText(typeof style === 'string' ? style : [...style], text, { stream });
}
