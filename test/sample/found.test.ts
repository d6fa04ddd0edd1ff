import { createReadStream, readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { analyze } from '../../lambdas/domain/analysis.ts';
import { readDataset } from '../../lambdas/domain/input/dataset.ts';
import { resolveParameters } from '../../lambdas/domain/parameters.ts';
import { CREATIVES } from '../../sample/creatives.ts';
import { trueEvents } from '../../sample/export.ts';
import { scoreAgainstTruth, scoredDocumentSchema, scoreLines } from '../../sample/score.ts';

const here = (path: string) => new URL(`../../sample/${path}`, import.meta.url);
const { items, rows, currency } = await readDataset(createReadStream(here('creative-export.csv.gz')));
const document = analyze({ items, rows, currency, parameters: resolveParameters() });
const score = scoreAgainstTruth(scoredDocumentSchema.parse(document), trueEvents());

it('finds nearly all that was planted, and little else', () => {
  const found = score.kinds.reduce((sum, kind) => sum + kind.found, 0);
  expect(found).toBeGreaterThanOrEqual(62);
  expect(score.quiet).toBe(CREATIVES.steady);
  expect(score.falseAlarms).toBeLessThanOrEqual(6);
});

it('is told in the README as it is today', () => {
  expect(readFileSync(here('README.md'), 'utf8')).toContain(
    `\`\`\`text\n${scoreLines(score).join('\n')}\n\`\`\``,
  );
});

it('rejects the broken rows and no others, and excludes what is too short or too sparse', () => {
  expect(rows).toMatchObject({
    rejected: 61,
    reasons: {
      bad_day: 16,
      missing_field: 9,
      bad_integer: 8,
      column_count: 7,
      bad_decimal: 7,
      negative: 7,
      clicks_exceed_impressions: 7,
    },
  });
  expect(rows.samples[0]).toMatchObject({ line: 2, column: 'Ad name', reason: 'missing_field' });
  expect(document.totals.excluded).toBe(CREATIVES.short + CREATIVES.sparse);
});
