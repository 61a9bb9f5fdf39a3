/** Checks that only show-message.ts shows messages, because it escapes them. */
import { strict as assert } from 'node:assert';
import { globSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';

const root = resolve(import.meta.dirname, '../..');
const unescaped =
  /\b(show(Information|Warning|Error)Message|setStatusBarMessage|window\.withProgress|appendMarkdown|isTrusted\s*=|new vscode\.MarkdownString\([^)])/;

/** Removes the one link that the extension shows: a constant below a text that VS Code escapes. */
function withoutHover(text: string): string {
  return text.replace(
    /hover\.appendMarkdown\(\s*`\\n\\n\[Change how timings are shown\]\(command:workbench\.action\.openSettings\?\$\{encodeURIComponent\('[^$`]*'\)\}\)`,\s*\);\s*hover\.isTrusted = \{ enabledCommands: \['workbench\.action\.openSettings'\] \};/,
    '',
  );
}

describe('the texts of the editor', () => {
  it('are shown only by functions that escape them', () => {
    for (const planted of [
      'void vscode.window.showErrorMessage(name);',
      'vscode.window.setStatusBarMessage(name)',
      'hover.appendMarkdown(name)',
      'new vscode.MarkdownString(name)',
      'hover.isTrusted = true',
      'vscode.window.withProgress({ title }, work)',
    ]) {
      assert.match(planted, unescaped);
    }
    const files = globSync('src/{editor/**/*.ts,extension.ts}', { cwd: root }).filter(
      (file) => !file.endsWith('show-message.ts'),
    );
    assert.ok(files.length > 40);
    const violations = files.filter((file) => unescaped.test(withoutHover(readFileSync(join(root, file), 'utf8'))));
    assert.deepEqual(violations, []);
  });
});
