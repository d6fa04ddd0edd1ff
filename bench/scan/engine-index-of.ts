/** Finds the ends of all lines and does nothing else: the practical limit. `node engine-index-of.mjs FILE`. */
import { open } from 'node:fs/promises';
import { report } from './measured.ts';

const LF = 0x0a;
const file = await open(process.argv[2] ?? '');
const block = Buffer.alloc(1 << 18);
let lines = 0;
for (;;) {
  const { bytesRead } = await file.read(block, 0, block.length, null);
  if (bytesRead === 0) break;
  const known = block.subarray(0, bytesRead);
  for (let at = known.indexOf(LF); at >= 0; at = known.indexOf(LF, at + 1)) lines++;
}
await file.close();
report(lines);
