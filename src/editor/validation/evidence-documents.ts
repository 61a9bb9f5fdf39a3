/** Shows what a check saw: the place in a file, or the text that was kept of it, which cannot be changed. */
import { join } from 'node:path';
import * as vscode from 'vscode';
import { HumanError } from '../../core/human-error.ts';
import type { CheckResult, Evidence } from '../../protocol/validation.ts';
import type { Guide } from '../commands/navigation.ts';
import type { Validator } from './validator.ts';

const scheme = 'pipescope-evidence';

export class EvidenceTexts implements vscode.TextDocumentContentProvider {
  readonly #validator: Validator;
  readonly #guide: Guide;
  readonly #rewritten = new vscode.EventEmitter<vscode.Uri>();
  readonly onDidChange = this.#rewritten.event;
  readonly #registration: vscode.Disposable;

  constructor(validator: Validator, guide: Guide) {
    this.#validator = validator;
    this.#guide = guide;
    this.#registration = vscode.workspace.registerTextDocumentContentProvider(scheme, this);
  }

  provideTextDocumentContent(uri: vscode.Uri): string {
    const [, check = '', part = ''] = /^\/([^/]+)\/(\d+)/.exec(uri.path) ?? [];
    const evidence = this.#validator.find(check)?.evidence[Number(part)];
    return evidence?.content ?? 'This evidence is no longer kept. Validate again.';
  }

  /**
   * Opens one piece of evidence.
   * @param wanted a row of the view, or `{ check, part }`
   */
  async show(wanted: unknown): Promise<void> {
    const { check, evidence, part } = this.#find(wanted);
    if (evidence.path !== undefined) {
      const { workspace } = this.#validator.newest.report;
      return this.#guide.reveal({ file: join(workspace, evidence.path), line: evidence.line ?? 1 });
    }
    const uri = vscode.Uri.from({ scheme, path: `/${check.id}/${part}/${check.id}.txt` });
    this.#rewritten.fire(uri);
    await vscode.window.showTextDocument(await vscode.workspace.openTextDocument(uri), { preview: true });
  }

  dispose(): void {
    this.#registration.dispose();
    this.#rewritten.dispose();
  }

  #find(wanted: unknown): { check: CheckResult; evidence: Evidence; part: number } {
    const { check, part = 0 } = this.#validator.checkOf(wanted);
    const evidence = check.evidence[part];
    if (!evidence) throw new HumanError(`${check.id} kept no such evidence. Choose another row.`);
    return { check, evidence, part };
  }
}
