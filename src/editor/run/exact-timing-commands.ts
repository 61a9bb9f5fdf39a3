/** Time This Function Exactly: the functions whose every call is timed, in the run under way and in later ones. */
import { resolve } from 'node:path';
import * as vscode from 'vscode';
import { HumanError } from '../../core/human-error.ts';
import type { Target } from '../../protocol/control.ts';
import type { Snapshot } from '../../protocol/snapshot.ts';
import { functionAt, innermost, isTarget, sameTarget, targetAt, titleOf } from '../function-ref.ts';

const memoryKey = 'pipescope.exact';

/** What is told long enough to be read. */
const toldMs = 5000;

export interface ExactOptions {
  readonly memory: vscode.Memento;
  /** Tells the run under way. */
  readonly retarget: () => Promise<void>;
  /** Of the newest run, whose functions are known where no language is. */
  readonly snapshot: () => Snapshot | undefined;
}

export class Exact {
  readonly #options: ExactOptions;
  #targets: readonly Target[];

  constructor(options: ExactOptions) {
    this.#options = options;
    const stored: unknown = options.memory.get(memoryKey);
    this.#targets = Array.isArray(stored) ? stored.filter(isTarget) : [];
  }

  get targets(): readonly Target[] {
    return this.#targets;
  }

  /** @param wanted a row of the view of components; without one, the function under the cursor */
  async add(wanted: unknown): Promise<Target> {
    const target = await this.#targetOf(wanted);
    const others = this.#targets.filter((other) => !sameTarget(other, target));
    await this.#set([...others, target]);
    vscode.window.setStatusBarMessage(`$(watch) Every call of ${titleOf(target)} is timed`, toldMs);
    return target;
  }

  /** Stops timing the function that is meant; where that is not timed, asks which. */
  async remove(wanted: unknown): Promise<void> {
    if (this.#targets.length === 0) throw new HumanError('No function is timed exactly. Choose one to time first.');
    const meant = await this.#targetOf(wanted).catch(() => undefined);
    const known = meant && this.#targets.find((target) => sameTarget(target, meant));
    const stopped = known ? [known] : await this.#pick();
    if (!stopped || stopped.length === 0) return;
    await this.#set(this.#targets.filter((target) => !stopped.includes(target)));
    vscode.window.setStatusBarMessage(`$(watch) ${stopped.map(titleOf).join(', ')}: no longer timed exactly`, toldMs);
  }

  async #set(targets: readonly Target[]): Promise<void> {
    this.#targets = targets;
    await this.#options.memory.update(memoryKey, targets);
    await this.#options.retarget();
  }

  async #pick(): Promise<readonly Target[] | undefined> {
    const picked = await vscode.window.showQuickPick(
      this.#targets.map((target) => ({ label: titleOf(target), description: target.file, target })),
      { title: 'Stop Timing Exactly', placeHolder: 'Functions that need no exact timing any more', canPickMany: true },
    );
    return picked?.map(({ target }) => target);
  }

  async #targetOf(wanted: unknown): Promise<Target> {
    const snapshot = this.#options.snapshot();
    const absolute = (file: string): string => resolve(snapshot?.run.workspace ?? '', file);
    const row = targetAt(wanted, absolute);
    if (row) return row;
    const editor = vscode.window.activeTextEditor;
    if (editor?.document.uri.scheme !== 'file') throw new HumanError('No function is chosen. Put the cursor into one.');
    const { uri } = editor.document;
    const { line } = editor.selection.active;
    const found: unknown = await vscode.commands.executeCommand('vscode.executeDocumentSymbolProvider', uri);
    const symbols = Array.isArray(found) ? found.filter(isSymbol) : [];
    const symbol = innermost(symbols, line, isFunction);
    const seen = snapshot?.operations.filter(({ file }) => file !== undefined && absolute(file) === uri.fsPath) ?? [];
    const name = symbol?.name ?? functionAt(seen, editor.document.getText().split(/\r\n|\r|\n/), line);
    if (name === undefined) throw new HumanError('The cursor stands in no function that is known. Put it into one.');
    return { file: uri.fsPath, name: name.replace(/\(.*$/, '') };
  }
}

/** What a language tells is like a DocumentSymbol, but of a class of the editor's own. */
function isSymbol(value: unknown): value is vscode.DocumentSymbol {
  return typeof value === 'object' && value !== null && 'children' in value && 'range' in value && 'kind' in value;
}

const kinds: ReadonlySet<vscode.SymbolKind> = new Set([
  vscode.SymbolKind.Function,
  vscode.SymbolKind.Method,
  vscode.SymbolKind.Constructor,
]);

function isFunction({ kind }: vscode.DocumentSymbol): boolean {
  return kinds.has(kind);
}
