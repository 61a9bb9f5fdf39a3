/** Shows the evidence of a check: its source location, or its content as a read-only document. */
import { join } from 'node:path';
import * as vscode from 'vscode';
import { HumanError } from '../../core/human-error.ts';
import type { CheckResult, Evidence } from '../../protocol/validation/validation.ts';
import type { Navigation } from '../commands/navigation.ts';
import type { Validator } from './validator.ts';

const scheme = 'pipescope-evidence';

export class EvidenceDocuments implements vscode.TextDocumentContentProvider {
  readonly #validator: Validator;
  readonly #navigation: Navigation;
  readonly #changed = new vscode.EventEmitter<vscode.Uri>();
  readonly onDidChange = this.#changed.event;
  readonly #registration: vscode.Disposable;

  constructor(validator: Validator, navigation: Navigation) {
    this.#validator = validator;
    this.#navigation = navigation;
    this.#registration = vscode.workspace.registerTextDocumentContentProvider(scheme, this);
  }

  provideTextDocumentContent(uri: vscode.Uri): string {
    const [, check = '', part = ''] = /^\/([^/]+)\/(\d+)/.exec(uri.path) ?? [];
    const evidence = this.#validator.findCheck(check)?.evidence[Number(part)];
    return evidence?.content ?? 'This evidence is no longer available. Validate again.';
  }

  /** @param row a row of the Validation view, or `{ check, part }` */
  async show(row: unknown): Promise<void> {
    const { check, evidence, part } = this.#find(row);
    if (evidence.path !== undefined) {
      const { workspace } = this.#validator.newest.report;
      return this.#navigation.reveal({ file: join(workspace, evidence.path), line: evidence.line ?? 1 });
    }
    const uri = vscode.Uri.from({ scheme, path: `/${check.id}/${part}/${check.id}.txt` });
    this.#changed.fire(uri);
    await vscode.window.showTextDocument(await vscode.workspace.openTextDocument(uri), { preview: true });
  }

  dispose(): void {
    this.#registration.dispose();
    this.#changed.dispose();
  }

  #find(row: unknown): { check: CheckResult; evidence: Evidence; part: number } {
    const { check, part = 0 } = this.#validator.requireCheck(row);
    const evidence = check.evidence[part];
    if (!evidence) throw new HumanError(`No such evidence for ${check.id}. Select another row.`);
    return { check, evidence, part };
  }
}
