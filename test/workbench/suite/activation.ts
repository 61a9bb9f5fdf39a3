import assert from 'node:assert/strict';
import * as vscode from 'vscode';

/** What of the manifest is asked about here. */
interface Manifest {
  readonly contributes: {
    readonly commands: readonly { readonly command: string }[];
    readonly configuration: readonly { readonly properties: Readonly<Record<string, { readonly default: unknown }>> }[];
    readonly views: Readonly<Record<string, readonly { readonly id: string }[]>>;
  };
}

export function extension(): vscode.Extension<unknown> {
  const found = vscode.extensions.getExtension('pipescope.pipescope');
  assert.ok(found, 'Pipescope is not among the extensions');
  return found;
}

describe('activation', () => {
  const manifest = (): Manifest => extension().packageJSON;

  it('succeeds', async () => {
    await extension().activate();
    assert.equal(extension().isActive, true);
  });

  it('registers every command of the manifest', async () => {
    const known = new Set(await vscode.commands.getCommands(true));
    const promised = manifest().contributes.commands.map(({ command }) => command);
    assert.ok(promised.length > 0);
    assert.deepEqual(
      promised.filter((command) => !known.has(command)),
      [],
    );
  });

  it('registers every view of the manifest', async () => {
    const known = new Set(await vscode.commands.getCommands(true));
    const views = Object.values(manifest().contributes.views).flat();
    assert.ok(views.length > 0);
    // VS Code makes a focus command for each view that it knows.
    assert.deepEqual(
      views.map(({ id }) => id).filter((id) => !known.has(`${id}.focus`)),
      [],
    );
  });

  it('finds every setting at its default', () => {
    const properties = Object.assign(
      {},
      ...[manifest().contributes.configuration].flat().map((part) => part.properties),
    );
    const names = Object.keys(properties);
    assert.ok(names.length > 0);
    for (const name of names) {
      const { defaultValue } = vscode.workspace.getConfiguration().inspect(name) ?? {};
      assert.deepEqual(defaultValue, properties[name].default, name);
    }
  });
});
