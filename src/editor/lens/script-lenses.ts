/** Shows a Profile lens above each script of a package.json. */
import * as vscode from 'vscode';
import { commandIds } from '../commands/command-ids.ts';

export class ScriptLenses implements vscode.CodeLensProvider {
  readonly #registration = vscode.languages.registerCodeLensProvider(
    { language: 'json', scheme: 'file', pattern: '**/package.json' },
    this,
  );

  async provideCodeLenses(document: vscode.TextDocument): Promise<vscode.CodeLens[]> {
    if (/[/\\]node_modules[/\\]/.test(document.uri.fsPath)) return [];
    const { parseScripts } = await import('../../node/command/package-scripts.ts');
    return parseScripts(document.getText()).map(({ name, offset }) => {
      const start = document.positionAt(offset);
      return new vscode.CodeLens(new vscode.Range(start, start.translate(0, name.length + 2)), {
        title: '$(pulse) Profile',
        tooltip: `Run and profile the script “${name}”`,
        command: commandIds.profileScript,
        arguments: [{ path: document.uri.fsPath, script: name }],
      });
    });
  }

  dispose(): void {
    this.#registration.dispose();
  }
}
