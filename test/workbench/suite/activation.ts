import assert from 'node:assert/strict';
import * as vscode from 'vscode';

/** The parts of package.json that are tested here. */
interface Manifest {
  readonly contributes: {
    readonly commands: readonly { readonly command: string }[];
    readonly configuration: readonly { readonly properties: Readonly<Record<string, { readonly default: unknown }>> }[];
    readonly views: Readonly<Record<string, readonly { readonly id: string }[]>>;
  };
}

export function extension(): vscode.Extension<unknown> {
  const pipescope = vscode.extensions.getExtension('pipescope.pipescope');
  assert.ok(pipescope, 'Pipescope is not installed');
  return pipescope;
}

describe('activation', () => {
  const manifest = (): Manifest => extension().packageJSON;

  it('succeeds', async () => {
    await extension().activate();
    assert.equal(extension().isActive, true);
  });

  it('registers every contributed command', async () => {
    const registered = new Set(await vscode.commands.getCommands(true));
    const contributed = manifest().contributes.commands.map(({ command }) => command);
    assert.ok(contributed.length > 0);
    assert.deepEqual(
      contributed.filter((command) => !registered.has(command)),
      [],
    );
  });

  it('registers every contributed view', async () => {
    const registered = new Set(await vscode.commands.getCommands(true));
    const views = Object.values(manifest().contributes.views).flat();
    assert.ok(views.length > 0);
    // VS Code registers a focus command for each view.
    assert.deepEqual(
      views.map(({ id }) => id).filter((id) => !registered.has(`${id}.focus`)),
      [],
    );
  });

  it('has the contributed default for every setting', () => {
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
