/** Benchmarks of a program whose truth is planted, by the commands, in a repository of its own inside the workspace. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import * as vscode from 'vscode';
import type { Benched } from '../../../src/core/export/bench-formats.ts';
import type { Cost } from '../../../src/core/export/overhead-text.ts';
import { extension } from './activation.ts';

/** It waits: how busy this machine is decides little. */
const waiting = (probe: string, ms: number): string => `
const { span } = await import(${JSON.stringify(probe)});
function wait() { return new Promise((done) => setTimeout(done, ${ms})); }
for (let i = 0; i < 3; i++) await span('wait', wait, { component: 'part', file: 'wait.mjs', line: 3 });
`;

describe('a benchmark of a program', () => {
  let dir: string;
  let program: { readonly command: string; readonly folder: string };
  const configuration = () => vscode.workspace.getConfiguration('pipescope');
  const plant = (ms: number) =>
    writeFileSync(join(dir, 'wait.mjs'), waiting(join(extension().extensionPath, 'dist/probe.js'), ms));
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
    plant(40);
    git('add', '-A');
    git('commit', '-qm', 'one');
    await configuration().update('benchmark.runs', 10, vscode.ConfigurationTarget.Global);
  });

  after(async () => {
    await configuration().update('benchmark.runs', undefined, vscode.ConfigurationTarget.Global);
    await vscode.commands.executeCommand('workbench.action.closeAllEditors');
    rmSync(dir, { recursive: true, force: true });
  });

  it('measures as many runs as are set, with its operations, and is saved as a baseline', async () => {
    const { report, against } = await benched('pipescope.benchmark', program);
    assert.equal(against, undefined);
    const [one] = report.cases;
    assert.equal(one?.samplesNs.length, 10);
    assert.ok(one.samplesNs.every((ns) => ns > 120e6));
    const operation = one.operations?.find(({ name }) => name === 'wait');
    assert.deepEqual([operation?.file, operation?.line, operation?.counts[0]], ['wait.mjs', 3, 3]);
    assert.equal(report.git?.branch, 'main');
    await vscode.commands.executeCommand('pipescope.saveBaseline', 'before the change');
  });

  it('finds beside another commit what became slower, and leaves no worktree', async () => {
    plant(140);
    const { against } = await benched('pipescope.benchmarkAgainst', { ...program, against: 'main' });
    assert.equal(against?.comparison.verdict, 'regressed');
    const row = against.comparison.rows.find(({ operation }) => operation?.name === 'wait');
    assert.equal(row?.verdict, 'regressed');
    assert.ok(row.lowRatio > 2 && row.highRatio < 5, `${row.lowRatio} to ${row.highRatio}`);
    assert.equal(git('worktree', 'list').trim().split('\n').length, 1);
  });

  it('says above the function how much slower it is, until the comparison is cleared', async () => {
    assert.match(await lenses((all) => all.includes('▲')), /▲ \+\d+ %/);
    await vscode.commands.executeCommand('pipescope.clearComparison');
    assert.doesNotMatch(await lenses((all) => !all.includes('▲')), /▲/);
  });

  it('is compared with the baseline that was saved', async () => {
    const { against } = await benched('pipescope.compareBaseline', 'before the change');
    assert.equal(against?.name, 'before the change');
    assert.equal(against.comparison.verdict, 'regressed');
    assert.match(await lenses((all) => all.includes('▲')), /▲ \+\d+ %/);
  });

  it('is written in a format that others read', async () => {
    const file = join(dir, 'bench.json');
    await vscode.commands.executeCommand('pipescope.exportBenchmark', {
      format: 'json',
      target: vscode.Uri.file(file),
    });
    const read = JSON.parse(readFileSync(file, 'utf8'));
    assert.deepEqual([read.verdict, read.against, read.n], ['regressed', 'before the change', [10, 10]]);
    rmSync(file);
  });

  it('runs nothing where a name is wrong, and says what there is', async () => {
    const nothing = { ...program, against: 'no-such-thing' };
    assert.equal(await vscode.commands.executeCommand('pipescope.benchmarkAgainst', nothing), undefined);
    assert.equal(git('worktree', 'list').trim().split('\n').length, 1);
  });

  it('tells what the profiler costs', async () => {
    await configuration().update('benchmark.runs', 3, vscode.ConfigurationTarget.Global);
    plant(20);
    const costs = await vscode.commands.executeCommand<readonly Cost[]>('pipescope.measureOverhead', program);
    const [cost] = costs;
    assert.equal(cost?.pairs, 3);
    assert.ok(cost.events > 0, 'the probe said nothing');
    assert.ok(cost.wall.low <= cost.wall.ratio && cost.wall.ratio <= cost.wall.high);
  });

  async function benched(command: string, wanted: unknown): Promise<Benched> {
    const found = await vscode.commands.executeCommand<Benched | undefined>(command, wanted);
    assert.ok(found, 'nothing came out');
    return found;
  }

  /** What stands above the program's functions, as soon as it is as wanted: lenses come on a beat. */
  async function lenses(isThere: (all: string) => boolean): Promise<string> {
    const uri = vscode.Uri.file(join(dir, 'wait.mjs'));
    await vscode.window.showTextDocument(uri);
    for (let left = 80; ; left--) {
      const found = await vscode.commands.executeCommand<vscode.CodeLens[]>('vscode.executeCodeLensProvider', uri, 50);
      const all = found.flatMap(({ command }) => command?.title ?? []).join('\n');
      if (isThere(all) || left === 0) return all;
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  }
});
