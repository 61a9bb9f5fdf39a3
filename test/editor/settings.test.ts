import { strict as assert } from 'node:assert';
import type * as vscode from 'vscode';
import { Settings } from '../../src/editor/settings.ts';

describe('settings', () => {
  it('gives what is set, and the default of the manifest where that is of another kind', () => {
    const { settings, values } = made({ 'codeLens.minDurationMs': 5 }, { 'codeLens.minDurationMs': 1 });
    assert.equal(settings.get('codeLens.minDurationMs'), 5);
    for (const rubbish of ['7', -1, Number.NaN, null, undefined]) {
      values['codeLens.minDurationMs'] = rubbish;
      assert.equal(settings.get('codeLens.minDurationMs'), 1);
    }
  });

  it('writes to the user when the workspace says nothing, else to the workspace', async () => {
    const { settings, written, workspaceValues } = made({}, {});
    await settings.set('codeLens.enabled', false);
    workspaceValues['codeLens.enabled'] = true;
    await settings.set('codeLens.enabled', false);
    assert.deepEqual(written, [
      ['codeLens.enabled', false, true],
      ['codeLens.enabled', false, false],
    ]);
  });

  it('listens to its own section only', () => {
    const { settings, change } = made({}, {});
    let heard = 0;
    settings.onChange(() => heard++);
    change('editor');
    assert.equal(heard, 0);
    change('pipescope');
    assert.equal(heard, 1);
  });
});

/** Settings over a configuration in memory: the editor's own is there only inside an editor. */
function made(values: Record<string, unknown>, defaults: Record<string, unknown>) {
  const written: unknown[] = [];
  const workspaceValues: Record<string, unknown> = {};
  let listener: (event: vscode.ConfigurationChangeEvent) => void = () => undefined;
  const workspace = {
    getConfiguration: () => ({
      get: (name: string) => values[name],
      inspect: (name: string) => ({ defaultValue: defaults[name], workspaceValue: workspaceValues[name] }),
      update: async (...parameters: unknown[]) => void written.push(parameters),
    }),
    onDidChangeConfiguration: (heard: typeof listener) => {
      listener = heard;
      return { dispose: () => undefined };
    },
  };
  return {
    settings: new Settings(workspace as unknown as typeof vscode.workspace),
    values,
    workspaceValues,
    written,
    change: (section: string) => listener({ affectsConfiguration: (asked: string) => asked === section }),
  };
}
