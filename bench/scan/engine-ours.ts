/** The project's own engine: `node engine-ours.mjs FILE [digest]`. */
import { open } from 'node:fs/promises';
import { readTotals } from '../../lambdas/domain/input/dataset.ts';
import { formatDay } from '../../lambdas/domain/observation/day.ts';
import type { ItemDays } from '../../lambdas/domain/totals/item-days.ts';
import { GroupDigest, report } from './measured.ts';

const CHUNK_BYTES = 1 << 18;

async function* chunksOf(path: string): AsyncGenerator<Uint8Array> {
  const file = await open(path);
  try {
    const chunk = new Uint8Array(CHUNK_BYTES);
    for (;;) {
      const { bytesRead } = await file.read(chunk, 0, chunk.length, null);
      if (bytesRead === 0) return;
      yield chunk.subarray(0, bytesRead);
    }
  } finally {
    await file.close();
  }
}

function digestOf(items: Iterable<ItemDays>): string {
  const digest = new GroupDigest();
  for (const { id, days, impressions, clicks, spendMicros } of items) {
    for (const [i, day] of days.entries()) {
      const figures = [impressions[i], clicks[i], spendMicros?.[i]].map((figure) => BigInt(figure ?? -1));
      digest.add(id, formatDay(day), figures[0] ?? 0n, figures[1] ?? 0n, figures[2] ?? 0n);
    }
  }
  return digest.end();
}

const [path = '', mode] = process.argv.slice(2);
const { partial } = await readTotals(chunksOf(path));
const [{ table, rejections }] = partial.tallies;
if (rejections.total > 0) throw new Error(`${rejections.total} rows were refused`);
report(table.groups, mode === 'digest' ? digestOf(table.items(true)) : undefined);
