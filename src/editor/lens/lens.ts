/** Timings above functions and at the head of files, on lines that never move while a pipeline runs. */
import * as vscode from 'vscode';
import type { Results } from '../benchmark-results.ts';
import type { Live } from '../current-run.ts';
import type { Settings } from '../settings.ts';
import { locate } from '../source-location.ts';
import { Beat } from '../throttle.ts';
import { folderPaths } from '../workspace-folders.ts';
import { changeChoices, comparisonPipeline, joined } from './change-suffix.ts';
import { type Mark, Marks, markText } from './lens-anchors.ts';
import { selectLenses } from './select-lenses.ts';
import type { Matches } from './symbol-resolver.ts';

const memoryKey = 'pipescope.marks';

/** Lens texts change at most this often: a faster change cannot be read. */
const beatMs = 1000;

export class Lens implements vscode.CodeLensProvider<MarkLens> {
  readonly #live: Live;
  readonly #settings: Settings;
  readonly #matches: Matches;
  readonly #results: Results;
  readonly #memory: vscode.Memento;
  readonly #changed = new vscode.EventEmitter<void>();
  readonly onDidChangeCodeLenses = this.#changed.event;
  readonly #beat = new Beat(
    () => beatMs,
    () => this.#update(),
  );
  readonly #disposables: readonly vscode.Disposable[];
  #marks: Marks;
  /** Functions that a comparison found changed; forgotten with it. */
  #changes = new Marks();
  /** What the documents in sight were last told, so that they are asked again only for something new. */
  #told = '';
  #wasBusy = false;

  constructor(live: Live, settings: Settings, matches: Matches, results: Results, memory: vscode.Memento) {
    this.#live = live;
    this.#matches = matches;
    this.#results = results;
    this.#settings = settings;
    this.#memory = memory;
    this.#marks = new Marks(memory.get(memoryKey));
    this.#disposables = [
      vscode.languages.registerCodeLensProvider({ scheme: 'file' }, this),
      live.onChange(() => this.#beat.ask()),
      settings.onChange(() => this.#beat.ask()),
      matches.onChange(() => this.#beat.ask()),
      results.onChange(() => this.#compare()),
      vscode.workspace.onDidChangeTextDocument((event) => this.#edit(event)),
    ];
  }

  provideCodeLenses(document: vscode.TextDocument): MarkLens[] {
    const path = document.uri.fsPath;
    if (!this.#settings.get('codeLens.enabled') || this.#settings.get('display.mode') !== 'lens') return [];
    return this.marksIn(document).map((mark) => new MarkLens(document.lineAt(mark.line).range, path, mark));
  }

  /** What there is to say in a document, from its head down. */
  marksIn(document: vscode.TextDocument): readonly Mark[] {
    const path = document.uri.fsPath;
    if (!this.#has(path)) return [];
    this.#settle(document);
    return this.#of(path).filter((mark) => mark.line < document.lineCount);
  }

  /** The text is filled in for lenses in sight only, with the newest numbers. */
  resolveCodeLens(lens: MarkLens): MarkLens {
    const { key, pipeline } = lens.mark;
    const same = this.#of(lens.path).filter((mark) => mark.key === key);
    const newest = same.find((mark) => mark.pipeline === pipeline) ?? same[0];
    const mark = newest ?? lens.mark;
    lens.command = { title: markText(mark), tooltip: mark.tooltip, command: 'pipescope.openPanel' };
    return lens;
  }

  /** Forgets every reserved line. */
  async clear(): Promise<void> {
    this.#marks = new Marks();
    await this.#save();
    this.#tell();
  }

  dispose(): void {
    vscode.Disposable.from(...this.#disposables).dispose();
    this.#beat.dispose();
    this.#changed.dispose();
  }

  /** Numbers of a comparison are whole at once: where there is a new one, nothing of the old stays. */
  #compare(): void {
    const { comparison, workspace } = this.#results;
    this.#changes = new Marks();
    if (comparison) {
      const folders = folderPaths();
      const choices = changeChoices(comparison, (file) => locate(file, workspace, folders));
      this.#changes.update(comparisonPipeline, choices, {
        running: false,
        mostPerFile: this.#settings.get('codeLens.maxPerFile'),
        onScreen: () => false,
        unsaved: (path) => openDocument(path)?.isDirty ?? false,
      });
    }
    this.#beat.ask();
  }

  #has(path: string): boolean {
    return this.#marks.has(path) || this.#changes.has(path);
  }

  #of(path: string): readonly Mark[] {
    return joined(this.#marks.of(path), this.#changes.of(path));
  }

  #update(): void {
    const { snapshot, busy } = this.#live;
    if (snapshot) {
      const folders = folderPaths();
      const ns = (name: 'codeLens.minDurationMs' | 'codeLens.slowThresholdMs' | 'codeLens.verySlowThresholdMs') =>
        this.#settings.get(name) * 1e6;
      const choices = selectLenses(snapshot, {
        template: this.#settings.get('codeLens.template'),
        minNs: ns('codeLens.minDurationMs'),
        slowNs: ns('codeLens.slowThresholdMs'),
        verySlowNs: ns('codeLens.verySlowThresholdMs'),
        locate: (file) => locate(file, snapshot.run.workspace, folders),
        match: (name) => this.#matches.of(name),
      });
      const onScreen = new Set(vscode.window.visibleTextEditors.map((editor) => editor.document.uri.fsPath));
      this.#marks.update(snapshot.run.pipeline, choices, {
        running: busy,
        mostPerFile: this.#settings.get('codeLens.maxPerFile'),
        onScreen: (path) => onScreen.has(path),
        unsaved: (path) => openDocument(path)?.isDirty ?? false,
      });
      for (const document of vscode.workspace.textDocuments) this.#settle(document);
      if (this.#wasBusy && !busy) void this.#save();
    }
    this.#wasBusy = busy;
    this.#tell();
  }

  #settle(document: vscode.TextDocument): void {
    const path = document.uri.fsPath;
    if (document.uri.scheme !== 'file' || !this.#has(path)) return;
    const lines = linesOf(document);
    this.#marks.settle(path, lines);
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
    this.#marks.edit(path, edits, lines);
    this.#changes.edit(path, edits, lines);
    this.#beat.ask();
  }

  /** Has the editor ask again, but only if it would hear something new. */
  #tell(): void {
    const shown = vscode.window.visibleTextEditors.flatMap(({ document }) =>
      this.#of(document.uri.fsPath).map((mark) => `${mark.path} ${mark.line} ${markText(mark)}`),
    );
    const told = JSON.stringify([this.#settings.get('codeLens.enabled'), this.#settings.get('display.mode'), shown]);
    if (told === this.#told) return;
    this.#told = told;
    this.#changed.fire();
  }

  async #save(): Promise<void> {
    await this.#memory.update(memoryKey, this.#marks.stored);
  }
}

class MarkLens extends vscode.CodeLens {
  readonly path: string;
  readonly mark: Mark;

  constructor(range: vscode.Range, path: string, mark: Mark) {
    super(range);
    this.path = path;
    this.mark = mark;
  }
}

function linesOf(document: vscode.TextDocument): readonly string[] {
  return document.getText().split(/\r\n|\r|\n/);
}

function openDocument(path: string): vscode.TextDocument | undefined {
  return vscode.workspace.textDocuments.find((document) => document.uri.fsPath === path);
}
