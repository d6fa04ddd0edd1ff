import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { documentSchema } from '../../lambdas/contracts/api/document.ts';
import { type AnalysisDocument, analyze, parseParameters, readDataset } from '../../lambdas/index.ts';

const golden = (name: string): unknown =>
  JSON.parse(readFileSync(new URL(`../golden/analysis-${name}.json`, import.meta.url), 'utf8'));

describe('the schema of the result document', () => {
  it.each(['level', 'shape'])('takes the document of the %s detector, and adds or drops nothing', (name) => {
    expect(documentSchema.parse(golden(name))).toEqual(golden(name));
  });

  it('has room for all that can be asked for, and for rejected rows', async () => {
    const days = Array.from({ length: 60 }, (_, i) => new Date(Date.UTC(2025, 0, 1 + i)).toISOString());
    const items = days.map((day, i) => ({ id: 'A', day, impressions: 1000, clicks: i < 30 ? 60 : 20 }));
    const chunks = (async function* () {
      yield Buffer.from(JSON.stringify({ items: [...items, { ...items[0], clicks: 'many' }] }));
    })();
    const parameters = parseParameters({
      includeDistances: true,
      falseDiscoveryRate: 0.05,
      maxRejectedFraction: 0.5,
    });
    const document: AnalysisDocument = analyze({ ...(await readDataset(chunks)), parameters });
    expect(document.rows.rejected).toBe(1);
    expect(document.discoveries?.tested).toBe(1);
    expect(documentSchema.parse(document)).toEqual(document);
  });

  it('takes no document with another name in it', () => {
    const document = golden('level');
    expect(documentSchema.safeParse({ ...(document as object), extra: 1 }).success).toBe(false);
  });
});
