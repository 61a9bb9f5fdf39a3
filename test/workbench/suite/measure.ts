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
