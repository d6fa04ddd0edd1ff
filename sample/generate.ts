/**
 * Writes the sample export and the list of what was planted in it: `npm run sample`.
 *
 * The text is the same on every machine. The compressed file is only rewritten when the text inside changed, since
 * another zlib version may compress the same text into other bytes.
 */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { constants, gunzipSync, gzipSync } from 'node:zlib';
import { sampleCsv, trueEvents } from './export.ts';

const csvFile = new URL('./creative-export.csv.gz', import.meta.url);
const eventsFile = new URL('./true-events.json', import.meta.url);

const text = sampleCsv();
if (!existsSync(csvFile) || gunzipSync(readFileSync(csvFile)).toString('utf8') !== text) {
  writeFileSync(csvFile, gzipSync(text, { level: constants.Z_BEST_COMPRESSION }));
}
const events = trueEvents();
writeFileSync(eventsFile, `${JSON.stringify(events, null, 2)}\n`);
console.log(`${text.split('\n').length} lines, ${events.length} planted events`);
