import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as vscode from 'vscode';

describe('the extension in its host', () => {
  it('is there', () => {
    assert.ok(vscode.extensions.getExtension('pipescope.pipescope'));
  });
});
