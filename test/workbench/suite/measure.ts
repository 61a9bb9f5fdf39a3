/** Measures the activation time of the extension, including the time to load its code. */
import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import * as vscode from 'vscode';
import { runMocha } from './mocha.ts';

export const run = (): Promise<void> =>
  runMocha(async () => {
    describe('activation', () => {
      it('is measured', async () => {
        await waitForIdleWindow();
        const extension = vscode.extensions.getExtension('pipescope.pipescope');
        assert.ok(extension);
        assert.equal(extension.isActive, false, 'the extension was activated before the measurement');
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

/** The window is idle after this many consecutive quick responses. */
const minQuickResponses = 10;
const maxQuickMs = 10;
const maxWaitMs = 30_000;

/** Waits until the window has finished its own startup, which would otherwise be measured too. */
async function waitForIdleWindow(): Promise<void> {
  const endMs = performance.now() + maxWaitMs;
  for (let quick = 0; quick < minQuickResponses; ) {
    const startMs = performance.now();
    await vscode.commands.executeCommand('setContext', 'pipescope.measure', quick);
    const responseMs = performance.now() - startMs;
    assert.ok(performance.now() < endMs, `the window still needs ${responseMs} ms to respond after ${maxWaitMs} ms`);
    quick = responseMs < maxQuickMs ? quick + 1 : 0;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}
