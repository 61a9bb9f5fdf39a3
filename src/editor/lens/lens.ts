/** Shows timings above functions and at the top of files, on lines that do not move while a pipeline runs. */
import { relative, sep } from 'node:path';
import * as vscode from 'vscode';
import type { FunctionLocation } from '../../protocol/panel/stack-view.ts';
import type { BenchmarkResults } from '../benchmark-results.ts';
import { commandIds } from '../commands/command-ids.ts';
import type { CurrentRun } from '../current-run.ts';
import type { Settings } from '../settings.ts';
import { locateInWorkspace } from '../source-location.ts';
import { Throttle } from '../throttle.ts';
import { folderPaths } from '../workspace-folders.ts';
import { addChanges, changeCandidates, comparisonPipeline } from './change-suffix.ts';
import { anchorText, type LensAnchor, LensAnchors } from './lens-anchors.ts';
import { fileKey, selectLenses } from './select-lenses.ts';
import type { SymbolResolver } from './symbol-resolver.ts';

const memoryKey = 'pipescope.marks';

/** Minimum time between two updates, because text that changes faster cannot be read. */
const updateIntervalMs = 1000;

interface LensOptions {
  readonly currentRun: CurrentRun;
  readonly settings: Settings;
  readonly symbols: SymbolResolver;
  readonly results: BenchmarkResults;
  readonly memory: vscode.Memento;
}

export class Lens implements vscode.CodeLensProvider<AnchoredLens> {
  readonly #options: LensOptions;
  readonly #changed = new vscode.EventEmitter<void>();
  readonly onDidChangeCodeLenses = this.#changed.event;
  readonly #throttle = new Throttle(
    () => updateIntervalMs,
    () => this.#update(),
  );
  readonly #disposables: readonly vscode.Disposable[];
  #anchors: LensAnchors;
  /** Functions that the current comparison found changed. */
  #changes = new LensAnchors();
  /** Everything that the visible editors show, as a string. Lenses are refreshed only if it changes. */
  #lastShown = '';
  #wasBusy = false;

  constructor(options: LensOptions) {
    this.#options = options;
    const { currentRun, settings, symbols, results, memory } = options;
    this.#anchors = new LensAnchors(memory.get(memoryKey));
    const request = () => this.#throttle.request();
    this.#disposables = [
      vscode.languages.registerCodeLensProvider({ scheme: 'file' }, this),
      currentRun.onChange(request),
      settings.onChange(request),
      symbols.onChange(request),
      results.onChange(() => this.#updateChanges()),
      vscode.workspace.onDidChangeTextDocument((event) => this.#edit(event)),
    ];
  }

  provideCodeLenses(document: vscode.TextDocument): AnchoredLens[] {
    const { settings } = this.#options;
    if (!settings.get('codeLens.enabled') || settings.get('display.mode') !== 'lens') return [];
    const path = document.uri.fsPath;
    return this.anchorsIn(document).map((anchor) => {
      return new AnchoredLens(document.lineAt(anchor.line).range, path, anchor);
    });
  }

  /** Returns the anchors to show in a document, by line. */
  anchorsIn(document: vscode.TextDocument): readonly LensAnchor[] {
    const path = document.uri.fsPath;
    if (!this.#has(path)) return [];
    this.#settle(document);
    return this.#anchorsOf(path).filter((anchor) => anchor.line < document.lineCount);
  }

  /** Fills in the text, with the latest numbers, when the lens becomes visible. */
  resolveCodeLens(lens: AnchoredLens): AnchoredLens {
    const { key, pipeline } = lens.anchor;
    const sameKey = this.#anchorsOf(lens.path).filter((anchor) => anchor.key === key);
    const anchor = sameKey.find((candidate) => candidate.pipeline === pipeline) ?? sameKey[0] ?? lens.anchor;
    const title = anchorText(anchor);
    const location = this.#stackLocationOf(anchor);
    lens.command = location
      ? { title, tooltip: anchor.tooltip, command: commandIds.showInFlameGraph, arguments: [location] }
      : { title, tooltip: anchor.tooltip, command: commandIds.openPanel };
    return lens;
  }

  /** Returns the location of a function as the run names it; undefined if it is in no stack of the run. */
  #stackLocationOf({ path, key, sourceLine }: LensAnchor): FunctionLocation | undefined {
    const { snapshot, stackSource } = this.#options.currentRun;
    if (!snapshot || key === fileKey) return undefined;
    const inside = relative(snapshot.run.workspace, path).split(sep).join('/');
    const location = { file: inside.startsWith('..') ? path : inside, line: sourceLine + 1 };
    return stackSource?.findStackFunction(location) === undefined ? undefined : location;
  }

  /** Removes all lenses. */
  async clear(): Promise<void> {
    this.#anchors = new LensAnchors();
    await this.#save();
    this.#notify();
  }

  dispose(): void {
    vscode.Disposable.from(...this.#disposables).dispose();
    this.#throttle.dispose();
    this.#changed.dispose();
  }

  /** Replaces all changes with those of the current comparison. */
  #updateChanges(): void {
    const { results, settings } = this.#options;
    const { comparison, workspace } = results;
    this.#changes = new LensAnchors();
    if (comparison) {
      const folders = folderPaths();
      const candidates = changeCandidates(comparison, (file) => locateInWorkspace(file, workspace, folders));
      this.#changes.update(comparisonPipeline, candidates, {
        isRunning: false,
        maxPerFile: settings.get('codeLens.maxPerFile'),
        isOnScreen: () => false,
        isUnsaved,
      });
    }
    this.#throttle.request();
  }

  #has(path: string): boolean {
    return this.#anchors.has(path) || this.#changes.has(path);
  }

  #anchorsOf(path: string): readonly LensAnchor[] {
    return addChanges(this.#anchors.visibleIn(path), this.#changes.visibleIn(path));
  }

  #update(): void {
    const { currentRun, settings, symbols } = this.#options;
    const { snapshot, isBusy } = currentRun;
    if (snapshot) {
      const { workspace, pipeline } = snapshot.run;
      const folders = folderPaths();
      const candidates = selectLenses(snapshot, {
        template: settings.get('codeLens.template'),
        minNs: settings.get('codeLens.minDurationMs') * 1e6,
        slowNs: settings.get('codeLens.slowThresholdMs') * 1e6,
        verySlowNs: settings.get('codeLens.verySlowThresholdMs') * 1e6,
        locate: (file) => locateInWorkspace(file, workspace, folders),
        locateFunction: (name) => symbols.locationOf(name),
      });
      const onScreen = new Set(vscode.window.visibleTextEditors.map((editor) => editor.document.uri.fsPath));
      this.#anchors.update(pipeline, candidates, {
        isRunning: isBusy,
        maxPerFile: settings.get('codeLens.maxPerFile'),
        isOnScreen: (path) => onScreen.has(path),
        isUnsaved,
      });
      for (const document of vscode.workspace.textDocuments) this.#settle(document);
      if (this.#wasBusy && !isBusy) void this.#save();
    }
    this.#wasBusy = isBusy;
    this.#notify();
  }

  #settle(document: vscode.TextDocument): void {
    const path = document.uri.fsPath;
    if (document.uri.scheme !== 'file' || !this.#has(path)) return;
    const lines = linesOf(document);
    this.#anchors.settle(path, lines);
    this.#changes.settle(path, lines);
  }

  #edit(event: vscode.TextDocumentChangeEvent): void {
    const path = event.document.uri.fsPath;
    if (event.contentChanges.length === 0 || !this.#has(path)) return;
    const edits = event.contentChanges.map(({ range, text }) => ({
      startLine: range.start.line,
      startCharacter: range.start.character,
      endLine: range.end.line,
      endCharacter: range.end.character,
      text,
    }));
    const lines = linesOf(event.document);
    this.#anchors.edit(path, edits, lines);
    this.#changes.edit(path, edits, lines);
    this.#throttle.request();
  }

  /** Makes VS Code request the lenses again if the visible editors would show something else. */
  #notify(): void {
    const { settings } = this.#options;
    const lenses = vscode.window.visibleTextEditors.flatMap(({ document }) =>
      this.#anchorsOf(document.uri.fsPath).map((anchor) => `${anchor.path} ${anchor.line} ${anchorText(anchor)}`),
    );
    const shown = JSON.stringify([settings.get('codeLens.enabled'), settings.get('display.mode'), lenses]);
    if (shown === this.#lastShown) return;
    this.#lastShown = shown;
    this.#changed.fire();
  }

  async #save(): Promise<void> {
    await this.#options.memory.update(memoryKey, this.#anchors.stored);
  }
}

class AnchoredLens extends vscode.CodeLens {
  readonly path: string;
  readonly anchor: LensAnchor;

  constructor(range: vscode.Range, path: string, anchor: LensAnchor) {
    super(range);
    this.path = path;
    this.anchor = anchor;
  }
}

function linesOf(document: vscode.TextDocument): readonly string[] {
  return document.getText().split(/\r\n|\r|\n/);
}

function isUnsaved(path: string): boolean {
  return vscode.workspace.textDocuments.find((document) => document.uri.fsPath === path)?.isDirty ?? false;
}
