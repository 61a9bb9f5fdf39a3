/** The commands that select functions to time on every call, in the current run and in later ones. */
import { resolve } from 'node:path';
import * as vscode from 'vscode';
import { HumanError } from '../../core/human-error.ts';
import type { ExactTarget } from '../../protocol/control.ts';
import type { Snapshot } from '../../protocol/snapshot.ts';
import { escapeLabel } from '../escape-label.ts';
import {
  findFunctionAt,
  findInnermost,
  isExactTarget,
  isSameTarget,
  targetOfRow,
  targetTitle,
} from '../function-ref.ts';
import { showStatusMessage } from '../show-message.ts';

const memoryKey = 'pipescope.exact';

interface ExactTimingOptions {
  readonly memory: vscode.Memento;
  /** Sends the targets to the current run. */
  readonly onTargetsChange: () => Promise<void>;
  /** Returns the latest snapshot. Its functions are used for files without a language server. */
  readonly snapshot: () => Snapshot | undefined;
}

export class ExactTimingCommands {
  readonly #options: ExactTimingOptions;
  #targets: readonly ExactTarget[];

  constructor(options: ExactTimingOptions) {
    this.#options = options;
    const stored: unknown = options.memory.get(memoryKey);
    this.#targets = Array.isArray(stored) ? stored.filter(isExactTarget) : [];
  }

  get targets(): readonly ExactTarget[] {
    return this.#targets;
  }

  /** @param row row of the Components view; without it, the function at the cursor is added */
  async add(row: unknown): Promise<ExactTarget> {
    const target = await this.#findTarget(row);
    const others = this.#targets.filter((other) => !isSameTarget(other, target));
    await this.#setTargets([...others, target]);
    showStatusMessage('watch', `Timing calls of ${targetTitle(target)}`);
    return target;
  }

  /** Stops timing the function of the row or at the cursor. Lets the user pick if it is not timed. */
  async remove(row: unknown): Promise<void> {
    if (this.#targets.length === 0) throw new HumanError('No functions are timed exactly.');
    const target = await this.#findTarget(row).catch(() => undefined);
    const timed = target && this.#targets.find((other) => isSameTarget(other, target));
    const stopped = timed ? [timed] : await this.#pick();
    if (!stopped || stopped.length === 0) return;
    await this.#setTargets(this.#targets.filter((other) => !stopped.includes(other)));
    showStatusMessage('watch', `No longer timed exactly: ${stopped.map(targetTitle).join(', ')}`);
  }

  async #setTargets(targets: readonly ExactTarget[]): Promise<void> {
    this.#targets = targets;
    await this.#options.memory.update(memoryKey, targets);
    await this.#options.onTargetsChange();
  }

  async #pick(): Promise<readonly ExactTarget[] | undefined> {
    const picked = await vscode.window.showQuickPick(
      this.#targets.map((target) => ({ label: escapeLabel(targetTitle(target)), description: target.file, target })),
      { title: 'Stop Timing Exactly', placeHolder: 'Select functions to stop timing', canPickMany: true },
    );
    return picked?.map(({ target }) => target);
  }

  async #findTarget(row: unknown): Promise<ExactTarget> {
    const snapshot = this.#options.snapshot();
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
}

function findProfiledFunction(
  document: vscode.TextDocument,
  line: number,
  snapshot: Snapshot | undefined,
  toAbsolute: (file: string) => string,
): string | undefined {
  const path = document.uri.fsPath;
  const profiled = snapshot?.operations.filter(({ file }) => file !== undefined && toAbsolute(file) === path) ?? [];
  return findFunctionAt(profiled, document.getText().split(/\r\n|\r|\n/), line);
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
