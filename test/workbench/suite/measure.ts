/** Measures how long the editor waits for the extension: from the call to the end of `activate`, code loaded on the way. */
import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import * as vscode from 'vscode';
import { runMocha } from './mocha.ts';

export const run = (): Promise<void> =>
  runMocha(async () => {
    describe('the editor', () => {
      it('waits for the extension', async () => {
        await calm();
        const extension = vscode.extensions.getExtension('pipescope.pipescope');
        assert.ok(extension);
        assert.equal(extension.isActive, false, 'it was active before it was measured');
        const startMs = performance.now();
        await extension.activate();
        const activationMs = performance.now() - startMs;
        const folder = process.env['WORKBENCH_OUTPUT'];
        assert.ok(folder);
        mkdirSync(folder, { recursive: true });
        writeFileSync(join(folder, 'activation.json'), JSON.stringify({ activationMs }));
      });
    });
  });

/** Answers of the editor's window, in a row, that are quick enough for a window at rest. */
const quickAnswers = 10;
const quickMs = 10;
const longestMs = 30_000;

/** Until the window has finished its own start: what it takes to answer meanwhile is no extension's. */
async function calm(): Promise<void> {
  const endMs = performance.now() + longestMs;
  for (let quick = 0; quick < quickAnswers; ) {
    const startMs = performance.now();
    await vscode.commands.executeCommand('setContext', 'pipescope.measure', quick);
    const takenMs = performance.now() - startMs;
    assert.ok(performance.now() < endMs, `the window takes ${takenMs} ms to answer, ${longestMs} ms after its start`);
    quick = takenMs < quickMs ? quick + 1 : 0;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}
