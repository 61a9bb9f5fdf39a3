import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as vscode from 'vscode';
import { isSnapshot, type Snapshot } from '../../../src/protocol/snapshot.ts';

/** Returns the operations with calls; operations without calls would prove little. */
function calledOperations(snapshot: Snapshot) {
  return snapshot.operations.filter(({ count }) => count > 0);
}

describe('the detection pipeline on this workspace', () => {
  const dir = mkdtempSync(join(tmpdir(), 'pipescope-suite-'));
  let snapshot: Snapshot;

  after(() => rmSync(dir, { recursive: true, force: true }));

  it('runs to its end', async () => {
    const result: unknown = await vscode.commands.executeCommand('pipescope.profile', 'detection');
    assert.ok(isSnapshot(result));
    snapshot = result;
    assert.equal(snapshot.run.result, 'success', snapshot.run.message);
  });

  it('has calls and a light for each of its components', () => {
    assert.deepEqual(
      snapshot.components.map(({ name, light, count }) => ({ name, light: light !== 'off', called: count > 0 })),
      [
        'file_discovery',
        'incremental_detection',
        'tree_sitter_manager',
        'concurrent_extractor',
        'breadcrumb_cache',
      ].map((name) => ({ name, light: true, called: true })),
    );
  });

  it('locates its operations in the source files of this workspace', () => {
    const placed = calledOperations(snapshot).filter(({ file }) => file?.startsWith('src/pipelines/detection/'));
    assert.ok(placed.length >= 3, JSON.stringify(calledOperations(snapshot).map(({ name, file }) => [name, file])));
    for (const { file, line, name } of placed) {
      const lines = readFileSync(join(folder(), file ?? ''), 'utf8').split('\n');
      assert.ok(line && line <= lines.length, `${name} is at ${file}:${line}`);
    }
  });

  it('has timings above its functions', async () => {
    const timed = calledOperations(snapshot)
      .filter(({ file }) => file?.startsWith('src/pipelines/detection/'))
      .sort((a, b) => (b.p95Ns ?? 0) - (a.p95Ns ?? 0))[0];
    assert.ok(timed?.file);
    const titles = await lensesOf(timed.file);
    assert.ok(
      titles.some((title) => /[\d.]+ (ns|µs|ms|s)\b/.test(title)),
      JSON.stringify(titles),
    );
  });

  it('has timings at the top of the slowest files', async () => {
    const slowest = snapshot.items.filter(({ file }) => file)[0];
    assert.ok(slowest?.file);
    const titles = await lensesOf(slowest.file);
    assert.ok(
      titles.some((title) => /parse [\d.]+ (µs|ms)/.test(title)),
      JSON.stringify(titles),
    );
  });

  it('can be exported to a file and read again', async () => {
    const target = vscode.Uri.file(join(dir, 'run.pipescope.json'));
    await vscode.commands.executeCommand('pipescope.exportSnapshot', target);
    const read: unknown = JSON.parse(readFileSync(target.fsPath, 'utf8'));
    assert.ok(isSnapshot(read));
    assert.equal(read.run.id, snapshot.run.id);
    assert.deepEqual(
      calledOperations(read).map(({ name, count }) => [name, count]),
      calledOperations(snapshot).map(({ name, count }) => [name, count]),
    );
    assert.ok(calledOperations(read).every(({ histogram }) => histogram && histogram.length > 0));
  });
});

function folder(): string {
  const path = vscode.workspace.workspaceFolders?.[0]?.uri.fsPath;
  assert.ok(path, 'no folder is open');
  return path;
}

async function lensesOf(file: string): Promise<string[]> {
  const uri = vscode.Uri.file(join(folder(), file));
  await vscode.window.showTextDocument(uri);
  // Lenses are updated once per second, so retry until they appear.
  for (let left = 50; ; left--) {
    const lenses = await vscode.commands.executeCommand<vscode.CodeLens[]>('vscode.executeCodeLensProvider', uri, 100);
    const titles = lenses.flatMap(({ command }) => command?.title ?? []);
    if (titles.length > 0 || left === 0) return titles;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}
