import { strict as assert } from 'node:assert';
import type * as vscode from 'vscode';
import { Settings } from '../../src/editor/settings.ts';

describe('settings', () => {
  it('returns the configured value, or the default if the value is invalid', () => {
    const { settings, values } = createSettings({ 'codeLens.minDurationMs': 5 }, { 'codeLens.minDurationMs': 1 });
    assert.equal(settings.get('codeLens.minDurationMs'), 5);
    for (const invalid of ['7', -1, Number.NaN, null, undefined]) {
      values['codeLens.minDurationMs'] = invalid;
      assert.equal(settings.get('codeLens.minDurationMs'), 1);
    }
  });

  it('returns the default of a budget that is out of range', () => {
    const { settings, values } = createSettings({ overheadBudgetPercent: 0.1 }, { overheadBudgetPercent: 1 });
    assert.equal(settings.get('overheadBudgetPercent'), 0.1);
    for (const invalid of [0, 0.05, 20.5, -1, '2', Number.NaN]) {
      values['overheadBudgetPercent'] = invalid;
      assert.equal(settings.get('overheadBudgetPercent'), 1);
    }
  });

  it('updates the workspace setting if there is one, otherwise the user setting', async () => {
    const { settings, written, workspaceValues } = createSettings({}, {});
    await settings.set('codeLens.enabled', false);
    workspaceValues['codeLens.enabled'] = true;
    await settings.set('codeLens.enabled', false);
    assert.deepEqual(written, [
      ['codeLens.enabled', false, true],
      ['codeLens.enabled', false, false],
    ]);
  });

  it('reports changes of its section only', () => {
    const { settings, change } = createSettings({}, {});
    let changes = 0;
    settings.onChange(() => changes++);
    change('editor');
    assert.equal(changes, 0);
    change('pipescope');
    assert.equal(changes, 1);
  });
});

/** Creates settings over a configuration in memory, because VS Code's is available only inside the editor. */
function createSettings(values: Record<string, unknown>, defaults: Record<string, unknown>) {
  const written: unknown[] = [];
  const workspaceValues: Record<string, unknown> = {};
  let listener: (event: vscode.ConfigurationChangeEvent) => void = () => undefined;
  const workspace = {
    getConfiguration: () => ({
      get: (name: string) => values[name],
      inspect: (name: string) => ({ defaultValue: defaults[name], workspaceValue: workspaceValues[name] }),
      update: async (...parameters: unknown[]) => void written.push(parameters),
    }),
    onDidChangeConfiguration: (added: typeof listener) => {
      listener = added;
      return { dispose: () => undefined };
    },
  };
  return {
    settings: new Settings(workspace as unknown as typeof vscode.workspace),
    values,
    workspaceValues,
    written,
    change: (section: string) => listener({ affectsConfiguration: (name: string) => name === section }),
  };
}
