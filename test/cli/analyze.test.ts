import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { stripVTControlCharacters } from 'node:util';
import { gzipSync } from 'node:zlib';
import { beforeAll, describe, expect, it } from 'vitest';
import { analyze } from '../../lambdas/domain/analysis.ts';
import { readDataset } from '../../lambdas/domain/input/dataset.ts';
import { resolveParameters } from '../../lambdas/domain/parameters.ts';
import { reportCsv } from '../../lambdas/domain/report/report-csv.ts';
import { serializeDocument } from '../../lambdas/domain/report/serialize.ts';
import { newDirectory } from './directories.ts';
import { csvOf, fileWith, isoDay, rowsOf, steady, wornOut } from './exports.ts';
import { type CliResult, runCli, runHere } from './run-cli.ts';

const text = csvOf(wornOut('Worn, out'), steady('Steady'), rowsOf({ name: 'Short', days: 9 }), [
  `Steady,2025-02-30,1,1,1.00`,
]);
const spring = fileWith(text);

/** The documents of the engine itself, asked without the command line. */
async function engineDocument(parameters = {}) {
  async function* chunks() {
    yield new TextEncoder().encode(text);
  }
  const { items, rows, currency } = await readDataset(chunks(), {});
  return analyze({ items, rows, currency, parameters: resolveParameters(parameters) });
}

describe('a plain run', () => {
  let result: CliResult;
  beforeAll(async () => {
    result = await runCli(['analyze', spring]);
  });

  it('ends well, with the ranking on stdout', () => {
    expect(result.code).toBe(0);
    const lines = result.stdout.split('\n');
    expect(lines[0]).toBe(
      'spring   2 creatives analysed, 1 excluded   1 Mar – 29 Apr 2025   130 rows, 1 rejected',
    );
    expect(lines[1]).toMatch(/▲ 1 fatigued .*● 1 healthy/);
    expect(lines[2]).toBe('Excluded: 1 too few days');
    expect(lines[5]).toMatch(/^RISK +STATUS +HEALTH +OVERSPEND +LOST CLICKS +SINCE +CTR +CREATIVE$/);
    expect(lines[6]).toMatch(/▲ fatigued .* 5 Apr +█{9}[▅-▇]▄{6} +Worn, out$/);
    expect(lines[7]).toMatch(/● healthy .*Steady$/);
    expect(lines.slice(8)).toEqual(['']);
  });

  it('tells progress and rejected rows on stderr, in lines', () => {
    expect(result.stderr).toMatch(/^Reading spring \(.* kB\)\nRead 130 rows .*, 1 rejected\n/);
    expect(result.stderr).toContain('1 of 130 rows rejected (0.77 %), not counted in any figure:');
    expect(result.stderr).toContain('line 131, column Day, "2025-02-30": bad_day');
    expect(result.stderr).toMatch(/Analysing 3 creatives\nAnalysed 3 creatives in /);
    expect(result.stderr).not.toMatch(/[█░\r]/);
  });
});

describe('output', () => {
  it('is silent on stderr with --quiet', async () => {
    const { stderr, stdout, code } = await runCli(['analyze', spring, '--quiet']);
    expect({ stderr, code }).toEqual({ stderr: '', code: 0 });
    expect(stdout).toContain('Worn, out');
  });

  it('gives the JSON document of the engine, byte by byte, to stdout or a file', async () => {
    const expected = serializeDocument(await engineDocument({ includeDistances: true }));
    const piped = await runCli(['analyze', spring, '--json', '-', '--include-distances']);
    expect(piped.stdout).toBe(expected);
    const out = join(dirname(spring), 'report.json');
    const filed = await runHere(['analyze', spring, '--json', out, '--include-distances']);
    expect(readFileSync(out, 'utf8')).toBe(expected);
    expect(filed.stdout).toContain('RISK');
    expect(filed.stderr).toContain(`Wrote ${out}`);
    expect(JSON.parse(expected).items[0].id).toBe('Worn, out');
  });

  it('gives the CSV report to stdout or a file', async () => {
    const expected = reportCsv(await engineDocument());
    expect((await runHere(['analyze', spring, '--csv', '-'])).stdout).toBe(expected);
    const out = join(dirname(spring), 'report.csv');
    await runHere(['analyze', spring, '--csv', out, '--quiet']);
    expect(readFileSync(out, 'utf8')).toBe(expected);
  });

  it('is tab-separated with --plain and shorter with --top', async () => {
    const { stdout } = await runHere(['analyze', spring, '--plain', '--top', '1']);
    const lines = stdout.split('\n').map((line) => line.split('\t'));
    expect(lines.map((fields) => fields.length)).toEqual([8, 8, 1]);
    expect(lines[1]?.[7]).toBe('Worn, out');
    expect(lines[1]?.[5]).toBe(isoDay(35));
    expect((await runHere(['analyze', spring, '--top', '1'])).stdout).toContain('1 more; --top 2 shows all');
  });

  it('fits a terminal of the given width', async () => {
    const { stdout } = await runHere(['analyze', spring], { env: { COLUMNS: '64' } });
    const [, , , , , heading = '', first = ''] = stdout.split('\n');
    expect(heading).not.toContain('CTR');
    expect(first).toMatch(/ {2}Worn, o…$/);
  });

  it('keeps terminal escapes of a name away from the terminal', async () => {
    const hostile = fileWith(csvOf(wornOut('\u001B[2Jgone\u0007'), wornOut('line\nbreak')));
    for (const flags of [[], ['--plain']]) {
      const { stdout } = await runHere(['analyze', hostile, ...flags]);
      expect(stripVTControlCharacters(stdout)).toBe(stdout);
      expect(stdout).not.toContain('\u0007');
      expect(stdout).toContain('\\x1b[2Jgone\\x07');
      expect(stdout).toContain('line↵break');
    }
  });

  it('is coloured only where asked: FORCE_COLOR does, NO_COLOR, --no-color and pipes do not', async () => {
    const coloured = (result: CliResult) => result.stdout.includes('\u001B[');
    expect(coloured(await runCli(['analyze', spring]))).toBe(false);
    expect(coloured(await runCli(['analyze', spring], { env: { FORCE_COLOR: '1' } }))).toBe(true);
    expect(coloured(await runCli(['analyze', spring, '--no-color'], { env: { FORCE_COLOR: '1' } }))).toBe(
      false,
    );
    expect(coloured(await runCli(['analyze', spring], { env: { NO_COLOR: '1' } }))).toBe(false);
  });
});

describe('input', () => {
  it('comes from standard input too, compressed or not', async () => {
    const [plain, zipped] = await Promise.all([
      runHere(['analyze', '-', '--json', '-'], { stdin: text }),
      runHere(['analyze', '-', '--json', '-'], { stdin: gzipSync(text) }),
    ]);
    expect(plain.stdout).toBe(serializeDocument(await engineDocument()));
    expect(zipped.stdout).toBe(plain.stdout);
    expect(plain.stderr).toContain('Reading standard input\n');
  });

  it('may be the JSON that the API takes', async () => {
    const items = rowsOf({ name: 'a' }).map((row) => {
      const [id, timestamp, impressions, clicks, spend] = row.split(',');
      const metrics = { impressions: Number(impressions), clicks: Number(clicks), spend: Number(spend) };
      return { id, timestamp: `${timestamp}T00:00:00Z`, metrics };
    });
    const { stdout, stderr, code } = await runHere(['analyze', '-'], { stdin: JSON.stringify({ items }) });
    expect(code).toBe(0);
    expect(stdout).toContain('1 creative analysed   1 Mar – 29 Apr 2025   60 rows, 0 rejected');
    expect(stderr).toMatch(/Read 60 rows \([^0]\S* kB\)/);
  });

  it('is mapped, split and dated as the flags say', async () => {
    const odd = text
      .replace(/^.*\n/, 'Werbung;Tag;Views;Klicks;Kosten\n')
      .replace('"Worn, out"', 'Worn out')
      .replaceAll('"Worn, out"', 'Worn out')
      .replaceAll(/(\d{4})-(\d\d)-(\d\d)/g, '$3/$2/$1')
      .replaceAll(',', ';');
    const flags = ['item=Werbung', 'day=Tag', 'impressions=Views', 'clicks=Klicks', 'spend=Kosten'].flatMap(
      (pair) => ['--map', pair],
    );
    const format = ['--delimiter', 'semicolon', '--day-format', 'DD/MM/YYYY', '--currency', 'EUR'];
    const { stdout, code } = await runHere(['analyze', fileWith(odd), ...flags, ...format]);
    expect(code).toBe(0);
    expect(stdout).toContain('130 rows, 1 rejected');
    expect(stdout).toMatch(/€\d/);
  });

  it('is only checked with --dry-run', async () => {
    const { stdout, code } = await runHere(['analyze', spring, '--dry-run']);
    expect(code).toBe(0);
    expect(stdout).toContain('item         ← Ad name\n');
    expect(stdout).toContain('spend        ← Amount spent (GBP)\n');
    expect(stdout).toContain('ctr          – not used\n');
    expect(stdout).toContain('currency     GBP\n');
    expect(stdout).toContain('130 rows read, 1 rejected, 3 creatives\n');
    expect(stdout).not.toContain('RISK');
  });
});

describe('parameters', () => {
  it('reach the engine, every one of them', async () => {
    const given = {
      detector: 'shape',
      windowSize: 5,
      signatureDepth: 3,
      threshold: 2.5,
      minSeparation: 9,
      levelThreshold: 4.5,
      minDays: 20,
      maxGapDays: 5,
      minDensity: 0.75,
      benchmarkRule: 'best',
      impactScope: 'after',
      maxRejectedFraction: 0.5,
      includeDistances: true,
      falseDiscoveryRate: 0.1,
    };
    const flags = Object.entries(given).flatMap(([name, value]) => {
      const flag = `--${name.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
      return value === true ? [flag] : [flag, String(value)];
    });
    const { stdout } = await runHere(['analyze', spring, '--json', '-', ...flags]);
    const { parameters } = JSON.parse(stdout);
    expect(Object.keys(given).sort()).toEqual(Object.keys(resolveParameters()).sort());
    expect(parameters).toMatchObject(given);
  });
});

describe('--fail-on', () => {
  it.each([
    ['early-fatigue', 8],
    ['fatigued', 8],
    ['terminal-decline', 0],
  ])('%s ends with %i when the worst creative is fatigued', async (status, code) => {
    const out = join(newDirectory(), 'report.json');
    const result = await runHere(['analyze', spring, '--fail-on', status, '--json', out]);
    expect(result.code).toBe(code);
    expect(result.stderr.includes(`--fail-on ${status}: 1 creative is ${status}`)).toBe(code === 8);
    expect(JSON.parse(readFileSync(out, 'utf8')).items).toHaveLength(3);
  });

  it('does not count a creative without evidence', async () => {
    const short = fileWith(csvOf(rowsOf({ name: 'Short', days: 9 })));
    const { code, stdout } = await runHere(['analyze', short, '--fail-on', 'early-fatigue']);
    expect(code).toBe(0);
    expect(stdout).toContain('0 creatives analysed, 1 excluded');
  });
});

describe('refusals', () => {
  const refusal = async (args: readonly string[]) => {
    const { code, stdout, stderr } = await runHere(['analyze', ...args, '--quiet']);
    expect(stdout).toBe('');
    return { code, lines: stderr.split('\n') };
  };

  it('of missing columns names the flag that helps', async () => {
    const file = fileWith('ad_name,day,views,link_clicks\na,2025-01-01,1,1\n');
    const { code, lines } = await refusal([file]);
    expect(code).toBe(3);
    expect(lines[0]).toBe('error: required columns are missing [missing_columns]');
    expect(lines[1]).toContain('Found: ad_name, day, views, link_clicks.');
    expect(lines[2]).toContain('Try: --map impressions=');
  });

  it('of too many bad rows names the reason', async () => {
    const file = fileWith(text.replaceAll('2025-03', '03/2025'));
    const { code, lines } = await refusal([file]);
    expect(code).toBe(3);
    expect(lines[0]).toBe('error: too many rows could not be read [too_many_rejected_rows]');
    expect(lines.join('\n')).toContain('bad_day');
    const checked = await runHere(['analyze', file, '--dry-run']);
    expect(checked.code).toBe(3);
    expect(checked.stdout).toContain('rejected');
  });

  it.each([
    ['empty_dataset', 'Ad name,Day,Impressions,Link clicks\n'],
    ['corrupt_archive', gzipSync(text).subarray(0, 400)],
    ['unsupported_format', Buffer.from('PAR1\u0000\u0000\u0000\u0000PAR1', 'latin1')],
  ])('has the code %s and exit code 3', async (code, content) => {
    const result = await refusal([fileWith(content)]);
    expect(result.lines[0]).toMatch(new RegExp(`^error: .* \\[${code}\\]$`));
    expect(result.code).toBe(3);
  });

  it('of an input over --max-bytes', async () => {
    const result = await refusal([spring, '--max-bytes', '1kB']);
    expect(result.lines[0]).toContain('[dataset_too_large]');
    expect(result.code).toBe(3);
  });

  it('of a path that is no readable file, before anything is written', async () => {
    const nowhere = await refusal(['/no/such/file.csv']);
    expect(nowhere).toMatchObject({
      code: 2,
      lines: [
        expect.stringContaining('[usage]'),
        '  There is no file /no/such/file.csv.',
        expect.anything(),
        '',
      ],
    });
    expect((await refusal([tmpdir()])).lines[1]).toContain('is a directory');
    expect((await refusal([spring, '--json', '/no/such/dir/out.json'])).code).toBe(2);
  });

  it('leaves no file behind', async () => {
    const directory = newDirectory();
    writeFileSync(join(directory, 'in.csv'), 'a,b\n1,2\n');
    await refusal([join(directory, 'in.csv'), '--json', join(directory, 'out.json')]);
    expect(readdirSync(directory)).toEqual(['in.csv']);
  });
});
