/** Finds the function that a command for exact timing acts on. */
import { resolve } from 'node:path';
import * as vscode from 'vscode';
import { HumanError } from '../../core/human-error.ts';
import type { ExactTarget } from '../../protocol/control.ts';
import type { Snapshot } from '../../protocol/snapshot.ts';
import { escapeLabel } from '../escape-label.ts';
import { targetTitle } from '../exact-target.ts';
import { findFunctionAt, findInnermost, targetOfRow } from '../function-ref.ts';

/** Lets the user pick functions that are timed. Returns undefined if the user cancels. */
export async function pickTargets(targets: readonly ExactTarget[]): Promise<readonly ExactTarget[] | undefined> {
  const picked = await vscode.window.showQuickPick(
    targets.map((target) => ({ label: escapeLabel(targetTitle(target)), description: target.file, target })),
    { title: 'Stop Timing Exactly', placeHolder: 'Select functions to stop timing', canPickMany: true },
  );
  return picked?.map(({ target }) => target);
}

/**
 * Returns the function of a row of the Components view; without one, the function at the cursor.
 *
 * @param snapshot its functions are used for files without a language server
 * @throws HumanError if there is none
 */
export async function findExactTarget(row: unknown, snapshot: Snapshot | undefined): Promise<ExactTarget> {
  const toAbsolute = (file: string): string => resolve(snapshot?.run.workspace ?? '', file);
  const target = targetOfRow(row, toAbsolute);
  if (target) return target;
  const editor = vscode.window.activeTextEditor;
  if (editor?.document.uri.scheme !== 'file') {
    throw new HumanError('No function selected. Place the cursor in a function first.');
  }
  const { uri } = editor.document;
  const { line } = editor.selection.active;
  const symbols: unknown = await vscode.commands.executeCommand('vscode.executeDocumentSymbolProvider', uri);
  const symbol = findInnermost(Array.isArray(symbols) ? symbols.filter(isSymbol) : [], line, isFunction);
  const name = symbol?.name ?? findProfiledFunction(editor.document, line, snapshot, toAbsolute);
  if (name === undefined) throw new HumanError('No function at the cursor. Place the cursor in a function first.');
  return { file: uri.fsPath, name: name.replace(/\(.*$/, '') };
}

function findProfiledFunction(
  document: vscode.TextDocument,
  line: number,
  snapshot: Snapshot | undefined,
  toAbsolute: (file: string) => string,
): string | undefined {
  const path = document.uri.fsPath;
  const profiled = snapshot?.operations.filter(({ file }) => file !== undefined && toAbsolute(file) === path) ?? [];
  return findFunctionAt(profiled, document.getText().split(/\r\n|\r|\n/), line)?.name;
}

/** Results of language servers look like DocumentSymbols but are not instances of that class. */
function isSymbol(value: unknown): value is vscode.DocumentSymbol {
  return typeof value === 'object' && value !== null && 'children' in value && 'range' in value && 'kind' in value;
}

const functionKinds: ReadonlySet<vscode.SymbolKind> = new Set([
  vscode.SymbolKind.Function,
  vscode.SymbolKind.Method,
  vscode.SymbolKind.Constructor,
]);

function isFunction({ kind }: vscode.DocumentSymbol): boolean {
  return functionKinds.has(kind);
}
