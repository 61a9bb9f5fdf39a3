/** `Profile` above each script of a package.json. */
import * as vscode from 'vscode';

export class ScriptLenses implements vscode.CodeLensProvider {
  readonly #registration = vscode.languages.registerCodeLensProvider(
    { language: 'json', scheme: 'file', pattern: '**/package.json' },
    this,
  );

  async provideCodeLenses(document: vscode.TextDocument): Promise<vscode.CodeLens[]> {
    if (/[/\\]node_modules[/\\]/.test(document.uri.fsPath)) return [];
    const { scriptsIn } = await import('../../node/command/package-scripts.ts');
    return scriptsIn(document.getText()).map(({ name, offset }) => {
      const at = document.positionAt(offset);
      return new vscode.CodeLens(new vscode.Range(at, at.translate(0, name.length + 2)), {
        title: '$(pulse) Profile',
        tooltip: `Run the script “${name}” and measure it`,
        command: 'pipescope.profileScript',
        arguments: [{ path: document.uri.fsPath, script: name }],
      });
    });
  }

  dispose(): void {
    this.#registration.dispose();
  }
}
