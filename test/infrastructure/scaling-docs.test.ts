import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { INVARIANTS } from './invariants/index.ts';
import { SCALING_PAGE, SCALING_ROWS } from './scaling-page.ts';
import { GUIDE_RULES } from './scaling-rules.ts';
import { synthesise } from './synthesis.ts';
import { resources } from './template.ts';

/** Titles of tests and groups of them, as they are written in a file. */
function titlesIn(file: string): string[] {
  const strings = /(?:\(|^ +)(['`])(.+?)\1,/gm;
  return [...readFileSync(file, 'utf8').matchAll(strings)].map(([, , title = '']) => title);
}

describe('the page about scaling', () => {
  it.each(Object.entries(GUIDE_RULES))('has a row about each rule of the guide: %s', (section, phrases) => {
    const guide = SCALING_ROWS.filter((row) => row.section === section).map(({ cells }) => cells[0]);
    expect(guide).toEqual(phrases.map((phrase) => expect.stringContaining(phrase)));
  });

  it('has no other tables of rules, and four cells in each row, none of them empty', () => {
    expect([...new Set(SCALING_ROWS.map(({ section }) => section))]).toEqual(Object.keys(GUIDE_RULES));
    for (const { cells } of SCALING_ROWS) {
      expect(cells, cells[0]).toHaveLength(4);
      for (const cell of cells) expect(cell, cells[0]).toMatch(/^\S(.*\S)?$/s);
    }
  });

  it('names files that there are, and types that templates have', () => {
    const types = new Set(resources(synthesise('phase3')).map(({ resource }) => resource.Type));
    for (const { cells } of SCALING_ROWS) {
      const holders = cells[2]!.split(', ').map((holder) => /^`([^`]+)`$/.exec(holder)?.[1] ?? '');
      expect(
        holders.filter((holder) => !types.has(holder) && !existsSync(holder)),
        cells[0],
      ).toEqual([]);
      expect(
        holders.some((holder) => existsSync(holder)),
        cells[0],
      ).toBe(true);
    }
  });

  it('names tests that there are', () => {
    for (const { cells } of SCALING_ROWS) {
      for (const proof of cells[3]!.split('`; `')) {
        const [, file = '', title = ''] = /^`?(test\/[^ ]+\.ts) › (.{6,}?)`?$/.exec(proof) ?? [];
        expect(existsSync(file), `${cells[0]}: ${proof}`).toBe(true);
        const known = file.endsWith('/invariants.test.ts')
          ? Object.keys(INVARIANTS).map((name) => `hold ${name}`)
          : titlesIn(file);
        expect(
          known.some((one) => one.includes(title)),
          `${cells[0]}: ${proof}`,
        ).toBe(true);
      }
    }
  });

  it('has no link that leads nowhere', () => {
    const links = [...SCALING_PAGE.matchAll(/\]\(([^)#]+)\)/g)].map(([, file]) => `docs/${file}`);
    expect(links.length).toBeGreaterThan(2);
    expect(links.filter((file) => !existsSync(file))).toEqual([]);
  });
});
