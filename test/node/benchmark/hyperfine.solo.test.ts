/**
 * Compares whole-process figures with those of hyperfine, an independent tool. Both measure the same program in turns, so
 * that a drift of the machine affects both.
 */
import { strict as assert } from 'node:assert';
import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { median } from '../../../src/core/statistics/statistics.ts';
import { builtCli } from '../../fixtures/command.ts';
import { createTemporaryFolder } from '../../fixtures/pipeline.ts';

const turns = 4;
const runsPerTurn = 5;
/** Differences that two series of the same program show on a busy machine. */
const [maxRatio, maxDifferenceMs] = [1.15, 0.3];

interface Figures {
  /** Shortest wall time, which other work on the machine affects least. */
  readonly fastestMs: number;
  readonly medianMs: number;
  /** Mean CPU time, because hyperfine reports no other. */
  readonly cpuMs: number;
  readonly exitCodes: readonly (number | null)[];
}

interface ExportedRun {
  readonly times: readonly number[];
  readonly user: number;
  readonly system: number;
  readonly exit_codes: readonly (number | null)[];
}

function figuresOf(results: readonly ExportedRun[]): Figures {
  const meanCpu = results.reduce((sum, { user, system }) => sum + user + system, 0) / results.length;
  const times = results.flatMap((result) => result.times);
  return {
    fastestMs: Math.min(...times) * 1e3,
    medianMs: median(times) * 1e3,
    cpuMs: meanCpu * 1e3,
    exitCodes: results.flatMap(({ exit_codes }) => exit_codes),
  };
}

function isNear(a: number, b: number): boolean {
  return Math.max(a, b) / Math.min(a, b) <= maxRatio || Math.abs(a - b) <= maxDifferenceMs;
}

describe('a benchmark of whole processes', function () {
  this.timeout(120_000);
  this.retries(3);
  let temporary: ReturnType<typeof createTemporaryFolder>;
  beforeEach(() => {
    temporary = createTemporaryFolder();
  });
  afterEach(() => temporary.done());

  const inFolder = (command: string, args: readonly string[]) =>
    execFileSync(command, args, { cwd: temporary.path, encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] });

  function hyperfine(argv: readonly string[]): ExportedRun {
    const file = join(temporary.path, 'hyperfine.json');
    const command = argv.map((word) => `'${word}'`).join(' ');
    const repetition = ['--warmup', '1', '--runs', String(runsPerTurn), '--ignore-failure'];
    inFolder('hyperfine', ['--shell=none', '--style', 'none', ...repetition, '--export-json', file, command]);
    return JSON.parse(readFileSync(file, 'utf8')).results[0];
  }

  function pipescope(argv: readonly string[]): ExportedRun {
    const repetition = ['--warmup', '1', '--runs', String(runsPerTurn), '--ignore-failure', '--format', 'hyperfine'];
    const data = ['--data', join(temporary.path, 'data')];
    return JSON.parse(inFolder(process.execPath, [builtCli(), 'bench', ...repetition, ...data, '--', ...argv]))
      .results[0];
  }

  const busy = (ms: number): string => `const end = performance.now() + ${ms}; while (performance.now() < end);`;
  const programs: readonly [string, readonly string[]][] = [
    ['a Node program', ['node', '-e', busy(25)]],
    ['a Python program', ['/usr/bin/python3', '-c', 'sum(range(2000000))']],
    ['a program that only waits', ['sleep', '0.05']],
    ['a program that ends at once', ['true']],
    ['a program that fails', ['sh', '-c', 'exit 3']],
    ['a shell with children in parallel', ['sh', '-c', 'node -e 0 & /usr/bin/python3 -c 0; wait']],
    ['a program that prints 50 MB', ['head', '-c', '50000000', '/dev/zero']],
    ['a program that prints 20 MB of errors', ['sh', '-c', 'head -c 20000000 /dev/zero >&2']],
  ];
  for (const [name, argv] of programs) {
    it(`has the times and exit codes that hyperfine has for ${name}`, function () {
      if (process.platform !== 'linux') this.skip();
      const [ours, theirs]: [ExportedRun[], ExportedRun[]] = [[], []];
      for (let turn = 0; turn < turns; turn++) {
        for (const isOurs of turn % 2 === 0 ? [true, false] : [false, true]) {
          if (isOurs) ours.push(pipescope(argv));
          else theirs.push(hyperfine(argv));
        }
      }
      const [actual, expected] = [figuresOf(ours), figuresOf(theirs)];
      assert.equal(actual.exitCodes.length, turns * runsPerTurn);
      const text = JSON.stringify({ actual, expected });
      assert.deepEqual(actual.exitCodes, expected.exitCodes);
      // On a busy machine, one of the two may have had no undisturbed run.
      const isSameWallTime = isNear(actual.fastestMs, expected.fastestMs) || isNear(actual.medianMs, expected.medianMs);
      assert.ok(isSameWallTime, `wall time: ${text}`);
      assert.ok(isNear(actual.cpuMs, expected.cpuMs), `CPU time: ${text}`);
    });
  }

  it('finds that a short program takes a third longer than before', () => {
    const workspace = join(temporary.path, 'workspace');
    mkdirSync(workspace);
    const git = (...args: string[]) =>
      execFileSync('git', ['-c', 'user.name=a', '-c', 'user.email=a@b.c', ...args], { cwd: workspace });
    const write = (ms: number): void => writeFileSync(join(workspace, 'main.js'), busy(ms));
    git('init', '-q');
    write(40);
    git('add', '-A');
    git('commit', '-qm', 'before');
    write(65);
    const args = ['bench', '--runs', '25', '--against', 'HEAD', '--format', 'json', '--fail-on', 'never'];
    const data = ['--data', join(temporary.path, 'data'), '--workspace', workspace];
    const { verdict, rows } = JSON.parse(
      inFolder(process.execPath, [builtCli(), ...args, ...data, '--', 'node', 'main.js']),
    );
    const wall = rows.find(({ measure }: { measure: string }) => measure === 'wall');
    assert.equal(verdict, 'regressed', JSON.stringify(rows));
    assert.equal(wall.verdict, 'regressed');
    assert.ok(wall.ratio > 1.2 && wall.ratio < 2, `${wall.before} to ${wall.after}`);
  });
});
