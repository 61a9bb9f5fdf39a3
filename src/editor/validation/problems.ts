/** Shows the findings of checks in the Problems panel until the next validation starts. */
import { join } from 'node:path';
import * as vscode from 'vscode';
import type { CheckStatus, Validation } from '../../protocol/validation/validation.ts';
import type { ProblemLevel, Settings } from '../settings.ts';
import { locateInWorkspace } from '../source-location.ts';
import { folderPaths } from '../workspace-folders.ts';
import type { Validator } from './validator.ts';

/** The report and the Validation view have the other findings. */
const maxProblemsPerCheck = 250;

const statusesByLevel: Readonly<Record<ProblemLevel, readonly CheckStatus[]>> = {
  all: ['fail', 'warn', 'pass'],
  warnings: ['fail', 'warn'],
  failures: ['fail'],
  off: [],
};

export class Problems {
  readonly #collection = vscode.languages.createDiagnosticCollection('Pipescope validation');
  readonly #validator: Validator;
  readonly #settings: Settings;
  readonly #listener: vscode.Disposable;
  #report: Validation | undefined;

  constructor(validator: Validator, settings: Settings) {
    this.#validator = validator;
    this.#settings = settings;
    this.#listener = vscode.Disposable.from(
      validator.onChange(() => {
        if (validator.report !== this.#report) this.#update();
      }),
      settings.onChange(() => this.#update()),
    );
  }

  dispose(): void {
    this.#listener.dispose();
    this.#collection.dispose();
  }

  #update(): void {
    this.#report = this.#validator.report;
    this.#collection.clear();
    if (!this.#report) return;
    const statuses = statusesByLevel[this.#settings.get('dod.problems')];
    const byFile = new Map<string, vscode.Diagnostic[]>();
    const { workspace, checks } = this.#report;
    const folders = folderPaths();
    for (const { id, status, findings } of checks.filter((check) => statuses.includes(check.status))) {
      for (const { file, line = 0, message } of findings.slice(0, maxProblemsPerCheck)) {
        const path = locateInWorkspace(join(workspace, file), workspace, folders);
        // Skip findings about a whole file or folder, such as an uncommitted file.
        if (path === undefined || line < 1) continue;
        const range = new vscode.Range(line - 1, 0, line - 1, Number.MAX_SAFE_INTEGER);
        const diagnostic = new vscode.Diagnostic(range, message, severities[status]);
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
