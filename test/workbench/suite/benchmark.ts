/** Runs the benchmark commands on a program with known durations, in a separate repository inside the workspace. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import * as vscode from 'vscode';
import type { BenchOutput } from '../../../src/core/export/bench-formats.ts';
import type { OverheadResult } from '../../../src/core/export/overhead-text.ts';
import { extension } from './activation.ts';

/** A program that waits rather than computes, so that a busy machine hardly affects its durations. */
const waitingProgram = (probe: string, ms: number): string => `
const { span } = await import(${JSON.stringify(probe)});
function wait() { return new Promise((done) => setTimeout(done, ${ms})); }
for (let i = 0; i < 3; i++) await span('wait', wait, { component: 'part', file: 'wait.mjs', line: 3 });
`;

describe('the benchmark commands', () => {
  let dir: string;
  let program: { readonly command: string; readonly folder: string };
  const configuration = () => vscode.workspace.getConfiguration('pipescope');
  const writeProgram = (ms: number) =>
    writeFileSync(join(dir, 'wait.mjs'), waitingProgram(join(extension().extensionPath, 'dist/probe.js'), ms));
  const git = (...args: string[]) =>
    execFileSync('git', ['-c', 'user.name=a', '-c', 'user.email=a@b.c', ...args], { cwd: dir, encoding: 'utf8' });

  before(async () => {
    const root = vscode.workspace.workspaceFolders?.[0]?.uri.fsPath;
    assert.ok(root);
    dir = join(root, 'test/output/benchmark');
    rmSync(dir, { recursive: true, force: true });
    mkdirSync(dir, { recursive: true });
    program = { command: 'node wait.mjs', folder: dir };
    git('init', '-q', '-b', 'main');
    writeProgram(40);
    git('add', '-A');
    git('commit', '-qm', 'first commit');
    await configuration().update('benchmark.runs', 10, vscode.ConfigurationTarget.Global);
  });

  after(async () => {
    await configuration().update('benchmark.runs', undefined, vscode.ConfigurationTarget.Global);
    await vscode.commands.executeCommand('workbench.action.closeAllEditors');
    rmSync(dir, { recursive: true, force: true });
  });

  it('measure the configured number of runs and the operations, and save a baseline', async () => {
    const { report, against } = await runBenchmark('pipescope.benchmark', program);
    assert.equal(against, undefined);
    const [scenario] = report.cases;
    assert.equal(scenario?.samplesNs.length, 10);
    assert.ok(scenario.samplesNs.every((ns) => ns > 120e6));
    const operation = scenario.operations?.find(({ name }) => name === 'wait');
    assert.deepEqual([operation?.file, operation?.line, operation?.counts[0]], ['wait.mjs', 3, 3]);
    assert.equal(report.git?.branch, 'main');
    await vscode.commands.executeCommand('pipescope.saveBaseline', 'before the change');
  });

  it('find a slower function by comparison with a commit, and leave no worktree', async () => {
    writeProgram(140);
    const { against } = await runBenchmark('pipescope.benchmarkAgainst', { ...program, against: 'main' });
    assert.equal(against?.comparison.verdict, 'regressed');
    const row = against.comparison.rows.find(({ operation }) => operation?.name === 'wait');
    assert.equal(row?.verdict, 'regressed');
    assert.ok(Number(row.lowRatio) > 2 && Number(row.highRatio) < 5, `${row.lowRatio} to ${row.highRatio}`);
    assert.equal(git('worktree', 'list').trim().split('\n').length, 1);
  });

  it('show the slowdown above the function until the comparison is cleared', async () => {
    assert.match(await waitForLenses((titles) => titles.includes('▲')), /▲ \+\d+ %/);
    await vscode.commands.executeCommand('pipescope.clearComparison');
    assert.doesNotMatch(await waitForLenses((titles) => !titles.includes('▲')), /▲/);
  });

  it('compare the latest report with the saved baseline', async () => {
    const { against } = await runBenchmark('pipescope.compareBaseline', 'before the change');
    assert.equal(against?.name, 'before the change');
    assert.equal(against.comparison.verdict, 'regressed');
    assert.match(await waitForLenses((titles) => titles.includes('▲')), /▲ \+\d+ %/);
  });

  it('export the latest report as JSON', async () => {
    const file = join(dir, 'bench.json');
    await vscode.commands.executeCommand('pipescope.exportBenchmark', {
      format: 'json',
      target: vscode.Uri.file(file),
    });
    const read = JSON.parse(readFileSync(file, 'utf8'));
    assert.deepEqual([read.verdict, read.against, read.n], ['regressed', 'before the change', [10, 10]]);
    rmSync(file);
  });

  it('run no program if the reference does not exist', async () => {
    const target = { ...program, against: 'no-such-thing' };
    assert.equal(await vscode.commands.executeCommand('pipescope.benchmarkAgainst', target), undefined);
    assert.equal(git('worktree', 'list').trim().split('\n').length, 1);
  });

  it('measure the profiler overhead', async () => {
    await configuration().update('benchmark.runs', 6, vscode.ConfigurationTarget.Global);
    writeProgram(20);
    const [overhead] = await vscode.commands.executeCommand<readonly OverheadResult[]>(
      'pipescope.measureOverhead',
      program,
    );
    assert.equal(overhead?.pairs, 6);
    assert.ok(overhead.events > 0, 'the probe reported no events');
    const { ratio, low = Number.NaN, high = Number.NaN } = overhead.wall;
    assert.ok(low <= ratio && ratio <= high);
  });

  async function runBenchmark(command: string, argument: unknown): Promise<BenchOutput> {
    const output = await vscode.commands.executeCommand<BenchOutput | undefined>(command, argument);
    assert.ok(output, `${command} returned no output`);
    return output;
  }

  /** Returns the titles of the lenses once `isExpected` accepts them, because lenses are updated with a delay. */
  async function waitForLenses(isExpected: (titles: string) => boolean): Promise<string> {
    const uri = vscode.Uri.file(join(dir, 'wait.mjs'));
    await vscode.window.showTextDocument(uri);
    for (let left = 80; ; left--) {
      const lenses = await vscode.commands.executeCommand<vscode.CodeLens[]>('vscode.executeCodeLensProvider', uri, 50);
      const titles = lenses.flatMap(({ command }) => command?.title ?? []).join('\n');
      if (isExpected(titles) || left === 0) return titles;
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  }
});
