/** Validates this workspace with the real pipeline and checks the bundle, the problems and the receipt. */
import assert from 'node:assert/strict';
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import * as vscode from 'vscode';
import { isVerification, type Verification } from '../../../src/protocol/validation/receipt.ts';
import { isValidation, type Validation } from '../../../src/protocol/validation/validation.ts';

/** Result of the validate command. */
interface Bundle {
  readonly folder: string;
  readonly report: Validation;
}

const source = 'Pipescope validation';

describe('a validation of this workspace', () => {
  const dir = mkdtempSync(join(tmpdir(), 'pipescope-suite-'));
  let bundle: Bundle;

  after(() => rmSync(dir, { recursive: true, force: true }));

  it('returns a report and writes it to a bundle', async () => {
    bundle = await validate('dev');
    const { report } = bundle;
    assert.equal(report.profile, 'dev');
    assert.equal(report.workspace, vscode.workspace.workspaceFolders?.[0]?.uri.fsPath);
    const ids = report.checks.map(({ id }) => id);
    assert.ok(ids.length >= 20, `${ids.length} checks`);
    assert.equal(new Set(ids).size, ids.length);
    assert.ok(report.checks.some(({ status }) => status === 'pass'));
    assert.deepEqual(JSON.parse(readFileSync(join(bundle.folder, 'report.json'), 'utf8')), report);
  });

  it('reports a problem for each line of a failed check or warning, and no others', () => {
    const expected = bundle.report.checks
      .filter(({ status }) => status === 'fail' || status === 'warn')
      .flatMap(({ id, findings }) =>
        findings.slice(0, 250).flatMap(({ file, line }) => (line ? [`${id} ${file}:${line}`] : [])),
      );
    assert.deepEqual(problems(bundle.report.workspace).sort(), expected.sort());
  });

  it('can be verified, and detects a change to its bundle', async () => {
    const { ok, checks, verdict } = await verify(bundle.folder);
    assert.deepEqual(
      { ok, checks, verdict },
      { ok: true, checks: bundle.report.checks.length, verdict: bundle.report.verdict },
    );
    const copy = join(dir, 'changed');
    cpSync(bundle.folder, copy, { recursive: true });
    assert.equal((await verify(copy)).ok, true);
    const file = join(copy, 'report.md');
    writeFileSync(file, readFileSync(file, 'utf8').replace('Score', 'score'));
    const verification = await verify(copy);
    assert.equal(verification.ok, false);
    assert.match(verification.faults.join('\n'), /report\.md/);
  });

  it('shows the evidence of a check as read-only text', async () => {
    const check = bundle.report.checks.find(({ evidence }) => evidence.some(({ path }) => path === undefined));
    assert.ok(check, 'no check has evidence without a file');
    const part = check.evidence.findIndex(({ path }) => path === undefined);
    await vscode.commands.executeCommand('pipescope.showEvidence', { check: check.id, part });
    const { document } = vscode.window.activeTextEditor ?? {};
    assert.equal(document?.uri.scheme, 'pipescope-evidence');
    assert.equal(document?.getText().replaceAll('\r\n', '\n'), check.evidence[part]?.content.replaceAll('\r\n', '\n'));
    assert.equal(vscode.workspace.fs.isWritableFileSystem(document?.uri.scheme ?? ''), undefined);
  });

  it('copies a check, or the verdict with the summary', async () => {
    const [check] = bundle.report.checks;
    assert.ok(check);
    await vscode.commands.executeCommand('pipescope.copyResult', { check: check.id });
    assert.ok((await vscode.env.clipboard.readText()).startsWith(`${check.id}: `));
    await vscode.commands.executeCommand('pipescope.copyResult', {});
    assert.match(await vscode.env.clipboard.readText(), /with profile dev\.[\s\S]*Checks Executed: \d+/);
  });

  it('is repeated by Restart, with a new bundle', async () => {
    await vscode.commands.executeCommand('pipescope.restart');
    const again = await validate('dev');
    assert.equal(again.report.budgetMs, 5000);
    assert.notEqual(again.folder, bundle.folder);
    assert.ok(Date.parse(again.report.startedAt) > Date.parse(bundle.report.startedAt));
    assert.equal((await verify(bundle.folder)).ok, true);
  });

  it('can be run as a task', async () => {
    const bundles = () => readdirSync(dirname(bundle.folder));
    const before = bundles();
    const tasks = await vscode.tasks.fetchTasks({ type: 'pipescope' });
    const task = tasks.find(({ definition }) => definition['pipeline'] === 'validation');
    assert.ok(task, `no task among ${tasks.map(({ name }) => name)}`);
    const ended = new Promise<void>((resolve) => {
      const listener = vscode.tasks.onDidEndTask(({ execution }) => {
        if (execution.task.name !== task.name) return;
        listener.dispose();
        resolve();
      });
    });
    await vscode.tasks.executeTask(task);
    await ended;
    assert.deepEqual(
      bundles().filter((name) => before.includes(name)),
      before,
    );
    assert.equal(bundles().length, before.length + 1);
  });

  it('has no result after it was stopped', async () => {
    let hasEnded = false;
    const running = vscode.commands
      .executeCommand<Bundle | undefined>('pipescope.validate', 'enterprise')
      .then((result) => {
        hasEnded = true;
        return result;
      });
    // Stop has no effect before the run has started, so repeat it.
    while (!hasEnded) {
      await vscode.commands.executeCommand('pipescope.stop');
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    assert.equal((await running)?.folder, undefined);
    assert.deepEqual(problems(bundle.report.workspace), []);
  });
});

async function validate(profile: string): Promise<Bundle> {
  const bundle = await vscode.commands.executeCommand<Bundle | undefined>('pipescope.validate', profile);
  assert.ok(bundle, 'the validation returned no bundle');
  assert.ok(isValidation(bundle.report));
  return bundle;
}

async function verify(folder: string): Promise<Verification> {
  const verification: unknown = await vscode.commands.executeCommand('pipescope.verifyReceipt', folder);
  assert.ok(isVerification(verification));
  return verification;
}

/** Returns the problems reported by validations as `CHECK file:line`. */
function problems(workspace: string): string[] {
  return vscode.languages
    .getDiagnostics()
    .flatMap(([uri, list]) =>
      list
        .filter((diagnostic) => diagnostic.source === source)
        .map(({ code, range }) => `${String(code)} ${uri.fsPath.slice(workspace.length + 1)}:${range.start.line + 1}`),
    );
}
