import { execFile } from 'node:child_process';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { newDirectory } from './directories.ts';
import { csvOf, fileWith, steady, wornOut } from './exports.ts';
import { runCli, runHere } from './run-cli.ts';

const root = (path: string) => fileURLToPath(new URL(`../../${path}`, import.meta.url));
const spring = fileWith(csvOf(wornOut('Worn out'), steady('Steady')));

/** Words that promise more than an analysis of the past can know. */
const FORBIDDEN = /\b(caused|because of|predict\w*|forecast\w*|will (drop|fall|lose)|guarantee\w*|wasted)\b/i;

describe('help', () => {
  it.each([
    [[]],
    [['--help']],
    [['analyze', '-h']],
    [['analyze', '/no/such/file', '--bogus', '--top', 'x', '--help']],
    [['help', 'analyze']],
  ])('starts with examples: %j', async (args) => {
    const { stdout, stderr, code } = await runHere(args);
    expect({ stderr, code }).toEqual({ stderr: '', code: 0 });
    expect(stdout).toMatch(/^Examples:\n {2}creative-dynamics analyze /);
  });

  it('fits 80 columns and describes every parameter with its default', async () => {
    const { stdout } = await runHere(['analyze', '--help']);
    for (const flag of [
      '--detector',
      '--window-size',
      '--false-discovery-rate',
      '--map',
      '--fail-on',
      '--dry-run',
    ]) {
      expect(stdout).toContain(flag);
    }
    expect(stdout.replaceAll(/\s+/g, ' ')).toContain('(2 to 60; default: 7)');
    expect(stdout).toContain('Exit codes:');
    const widest = Math.max(...stdout.split('\n').map((line) => line.length));
    expect(widest).toBeLessThanOrEqual(80);
  });

  it('tells the version', async () => {
    expect((await runHere(['--version'])).stdout).toMatch(/^\d+\.\d+\.\d+ \(engine \d+\.\d+\.\d+\)\n$/);
  });
});

describe('wrong use', () => {
  it.each([
    [['analize', 'x.csv'], "Unknown command 'analize'. Did you mean analyze?"],
    [['analyze', 'x.csv', '--detektor', 'level'], "Unknown option '--detektor'. Did you mean --detector?"],
    [['analyze'], "Missing required argument 'file'."],
    [['analyze', 'x.csv', '--window-size', 'seven'], 'It must be a whole number, 2 to 60.'],
    [['analyze', 'x.csv', '--window-size', '1'], 'It must be a whole number, 2 to 60.'],
    [['analyze', 'x.csv', '--detector', 'lvel'], 'It must be level or shape.'],
    [['analyze', 'x.csv', '--false-discovery-rate', '1'], 'It must be a number, above 0, below 1.'],
    [['analyze', 'x.csv', '--map', 'name=Ad'], 'It must be FIELD=COLUMN with a field of item, day,'],
    [['analyze', 'x.csv', '--map', 'item=A', '--map', 'item=B'], 'item is mapped twice.'],
    [['analyze', 'x.csv', '--top', '-1'], 'It must be a whole number, 0 or more.'],
    [['analyze', 'x.csv', '--delimiter', 'dot'], 'It must be comma, semicolon, tab, pipe.'],
    [['analyze', 'x.csv', '--max-bytes', 'lots'], 'It must be a size such as 500MB or 20GB.'],
    [
      ['analyze', 'x.csv', '--fail-on', 'healthy'],
      'Allowed choices are early-fatigue, fatigued, terminal-decline.',
    ],
    [['analyze', 'x.csv', '--dry-run', '--json', 'o'], 'cannot be used with'],
    [['analyze', 'x.csv', '--quiet', '--verbose'], 'cannot be used with'],
    [['analyze', 'x.csv', '--json', '-', '--csv', '-'], '--json and --csv cannot both go to stdout.'],
    [['analyze', 'x.csv', 'y.csv'], 'Too many arguments'],
  ])('%j', async (args, sentence) => {
    const { stdout, stderr, code } = await runHere(args);
    expect({ stdout, code }).toEqual({ stdout: '', code: 2 });
    const [first, second, third] = stderr.split('\n');
    expect(first).toBe('error: the command cannot run like this [usage]');
    expect(second).toContain(sentence);
    expect(third).toMatch(/^ {2}Try: /);
  });
});

describe('words', () => {
  it('promise nothing that an analysis cannot know', async () => {
    const outputs = await Promise.all([
      runHere(['--help']),
      runHere(['analyze', '--help']),
      runHere(['analyze', spring, '--verbose']),
      runHere(['analyze', spring, '--dry-run']),
      runHere(['analyze', spring, '--json', '-']),
      runHere(['analyze', spring, '--csv', '-', '--false-discovery-rate', '0.1']),
      runHere(['analyze', '/no/such/file']),
    ]);
    for (const { stdout, stderr } of outputs) {
      expect(stdout + stderr).not.toBe('');
      expect(stdout + stderr).not.toMatch(FORBIDDEN);
    }
  });
});

describe('pipes and signals', () => {
  it('ends quietly when its reader goes away', async () => {
    const many = fileWith(
      csvOf(...Array.from({ length: 300 }, (_, i) => steady(`${'long name '.repeat(20)}${i}`))),
    );
    const command = `"${process.execPath}" "${root('cli/main.ts')}" analyze "${many}" --plain --top 300 --quiet | head -1; exit \${PIPESTATUS[0]}`;
    const { code, stdout, stderr } = await new Promise<{ code: unknown; stdout: string; stderr: string }>(
      (resolve) => {
        execFile('bash', ['-c', command], (error, stdout, stderr) =>
          resolve({ code: error?.code ?? 0, stdout, stderr }),
        );
      },
    );
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout.split('\n')).toHaveLength(2);
  });

  it.each(['SIGINT', 'SIGTERM'] as const)(
    'stops on %s while reading, without a file, with 130',
    async (signal) => {
      const directory = newDirectory();
      const out = join(directory, 'report.json');
      writeFileSync(out, 'the report of yesterday');
      const result = await runCli(['analyze', '-', '--json', out], {
        stdin: csvOf(steady('Steady')),
        onFirstMessage: (kill) => setTimeout(() => kill(signal), 100),
      });
      expect(result.code).toBe(130);
      expect(result.stderr).toContain('error: interrupted [cancelled]');
      expect(result.stdout).toBe('');
      expect(readdirSync(directory)).toEqual(['report.json']);
      expect(readFileSync(out, 'utf8')).toBe('the report of yesterday');
    },
  );

  it('ends at once on Ctrl-C during work that never yields', async () => {
    const script = fileWith(
      `import { catchInterruption } from ${JSON.stringify(root('cli/interruption.ts'))};
      const { duringBlocking } = catchInterruption(process);
      process.stderr.write('working');
      duringBlocking(() => { const end = Date.now() + 30_000; while (Date.now() < end); });`,
      'blocking.mjs',
    );
    const began = performance.now();
    const { signal } = await runCli([], {
      script,
      onFirstMessage: (kill) => setTimeout(() => kill('SIGINT'), 100),
    });
    expect(signal).toBe('SIGINT');
    expect(performance.now() - began).toBeLessThan(10_000);
  });
});
