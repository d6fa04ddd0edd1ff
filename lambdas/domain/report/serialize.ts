import type { AnalysisDocument } from './document.ts';

/**
 * The document as UTF-8 JSON text, in pieces: one line for everything but the items, one for each item. Keys come in
 * the order of analysis spec §10 and numbers in ECMAScript's shortest form that reads back as the same double, −0 as 0;
 * so a document of `buildDocument` has the same bytes on every machine.
 */
export function* documentPieces(document: AnalysisDocument): Generator<string> {
  const { items, discoveries, ...head } = document;
  yield `${JSON.stringify(head).slice(0, -1)},"items":[`;
  let separator = '\n';
  for (const item of items) {
    yield separator + JSON.stringify(item);
    separator = ',\n';
  }
  yield discoveries === undefined ? '\n]}\n' : `\n],"discoveries":${JSON.stringify(discoveries)}}\n`;
}

/** The document as one text. A text has a limit of about 500 MB; `documentPieces` has none. */
export function serializeDocument(document: AnalysisDocument): string {
  return Array.from(documentPieces(document)).join('');
}
