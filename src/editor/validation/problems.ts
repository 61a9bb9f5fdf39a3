/** What checks found on a line of a file, in the Problems panel; all of it goes when the next validation begins. */
import { join } from 'node:path';
import * as vscode from 'vscode';
import type { CheckStatus, Validation } from '../../protocol/validation.ts';
import type { DodProblems, Settings } from '../settings.ts';
import { locate } from '../source-location.ts';
import { folderPaths } from '../workspace-folders.ts';
import type { Validator } from './validator.ts';

/** Of one check: the report and the view have the others. */
const mostOfCheck = 250;

const shown: Readonly<Record<DodProblems, readonly CheckStatus[]>> = {
  all: ['fail', 'warn', 'pass'],
  warnings: ['fail', 'warn'],
  failures: ['fail'],
  off: [],
};

export class Problems {
  readonly #collection = vscode.languages.createDiagnosticCollection('Pipescope validation');
  readonly #validator: Validator;
  readonly #settings: Settings;
  readonly #listening: vscode.Disposable;
  #report: Validation | undefined;

  constructor(validator: Validator, settings: Settings) {
    this.#validator = validator;
    this.#settings = settings;
    this.#listening = vscode.Disposable.from(
      validator.onChange(() => {
        if (validator.report !== this.#report) this.#draw();
      }),
      settings.onChange(() => this.#draw()),
    );
  }

  dispose(): void {
    this.#listening.dispose();
    this.#collection.dispose();
  }

  #draw(): void {
    this.#report = this.#validator.report;
    this.#collection.clear();
    if (!this.#report) return;
    const wanted = shown[this.#settings.get('dod.problems')];
    const byFile = new Map<string, vscode.Diagnostic[]>();
    const { workspace, checks } = this.#report;
    const folders = folderPaths();
    for (const { id, status, findings } of checks.filter((check) => wanted.includes(check.status))) {
      for (const { file, line = 0, message } of findings.slice(0, mostOfCheck)) {
        const path = locate(join(workspace, file), workspace, folders);
        // A whole file or folder, such as one that is not committed, is no line to be mended.
        if (path === undefined || line < 1) continue;
        const at = new vscode.Range(line - 1, 0, line - 1, Number.MAX_SAFE_INTEGER);
        const diagnostic = new vscode.Diagnostic(at, message, severities[status]);
        diagnostic.source = 'Pipescope validation';
        diagnostic.code = id;
        byFile.set(path, [...(byFile.get(path) ?? []), diagnostic]);
      }
    }
    for (const [path, diagnostics] of byFile) this.#collection.set(vscode.Uri.file(path), diagnostics);
  }
}

const severities: Readonly<Record<CheckStatus, vscode.DiagnosticSeverity>> = {
  fail: vscode.DiagnosticSeverity.Error,
  warn: vscode.DiagnosticSeverity.Warning,
  pass: vscode.DiagnosticSeverity.Information,
  skip: vscode.DiagnosticSeverity.Hint,
};
