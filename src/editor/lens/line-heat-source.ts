/** Provides the heat of the lines of open documents, from the stacks of the current run. */
import { statSync } from 'node:fs';
import { relative, sep } from 'node:path';
import * as vscode from 'vscode';
import type { CurrentRun } from '../current-run.ts';
import { type LineHeat, lineHeats } from './line-heat.ts';
import type { Edit } from './line-tracking.ts';

/** After more edits, a file shows no heat of lines until the next run. */
const maxEdits = 2000;

interface FileState {
  /** True if the file was changed before it was opened, so that its lines may be others than those that ran. */
  readonly isChanged: boolean;
  readonly edits: Edit[];
}

export class LineHeatSource {
  readonly #currentRun: CurrentRun;
  readonly #listener: vscode.Disposable;
  #runId = '';
  #files = new Map<string, FileState>();

  constructor(currentRun: CurrentRun) {
    this.#currentRun = currentRun;
    this.#listener = vscode.workspace.onDidChangeTextDocument(({ document, contentChanges }) => {
      const edits = contentChanges.map(({ range, text }) => ({
        startLine: range.start.line,
        startCharacter: range.start.character,
        endLine: range.end.line,
        endCharacter: range.end.character,
        text,
      }));
      this.#files.get(document.uri.fsPath)?.edits.push(...edits.slice(0, maxEdits));
    });
  }

  /** Returns the lines of a document that take time themselves. */
  linesOf(document: vscode.TextDocument): readonly LineHeat[] {
    const { snapshot, stackSource } = this.#currentRun;
    if (!snapshot || !stackSource || document.uri.scheme !== 'file') return [];
    const { id, workspace, startedAt } = snapshot.run;
    if (id !== this.#runId) this.#files = new Map();
    this.#runId = id;
    const path = document.uri.fsPath;
    const state = this.#files.get(path) ?? { isChanged: isChangedSince(path, Date.parse(startedAt)), edits: [] };
    this.#files.set(path, state);
    if (state.isChanged || state.edits.length > maxEdits) return [];
    const inside = relative(workspace, path);
    const lines = stackSource.linesOf(inside.startsWith('..') ? path : inside.split(sep).join('/'));
    return lines ? lineHeats(lines, state.edits).filter(({ line }) => line < document.lineCount) : [];
  }

  dispose(): void {
    this.#listener.dispose();
  }
}

function isChangedSince(path: string, timeMs: number): boolean {
  return (statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? Number.POSITIVE_INFINITY) > timeMs;
}
