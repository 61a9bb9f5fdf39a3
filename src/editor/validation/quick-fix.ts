/** Runs the quick fix of a check: a command of the report, in a terminal, after its person has seen it and agreed. */
import * as vscode from 'vscode';
import { HumanError } from '../../core/human-error.ts';
import { folderPaths } from '../workspace-folders.ts';
import { commandText } from './labels.ts';
import type { Validator } from './validator.ts';

const runIt = 'Run';
const copyIt = 'Copy';

/**
 * @param wanted a row of the view, or `{ check, part }`
 * @returns what was started; `undefined` where that was not agreed to
 */
export async function runQuickFix(validator: Validator, wanted: unknown): Promise<vscode.TaskExecution | undefined> {
  const { check, part } = validator.checkOf(wanted);
  const fix = part === undefined ? check.remediation.find(({ command }) => command) : check.remediation[part];
  const [program, ...args] = fix?.command ?? [];
  if (!fix?.command || program === undefined) throw new HumanError(`${check.id} has no quick fix. Read its steps.`);
  const { workspace } = validator.newest.report;
  if (!folderPaths().includes(workspace)) {
    throw new HumanError(`The validation was of ${workspace}, which is not open here. Open it first.`);
  }
  const text = commandText(fix.command);
  const detail = `${text}\n\nIt runs in ${workspace}. Read it first: it may change files.`;
  const answer = await vscode.window.showWarningMessage(
    `Run this quick fix? ${fix.title}.`,
    { modal: true, detail },
    runIt,
    copyIt,
  );
  if (answer === copyIt) await vscode.env.clipboard.writeText(text);
  if (answer !== runIt) return undefined;
  return vscode.tasks.executeTask(taskOf(check.id, program, args, workspace));
}

/** A process and no shell: the name of a file is then never read as a command. */
function taskOf(check: string, program: string, args: readonly string[], workspace: string): vscode.Task {
  const run = new vscode.ProcessExecution(program, [...args], { cwd: workspace });
  const folder = vscode.workspace.getWorkspaceFolder(vscode.Uri.file(workspace)) ?? vscode.TaskScope.Workspace;
  const task = new vscode.Task({ type: 'process' }, folder, `Quick fix of ${check}`, 'Pipescope', run, []);
  task.presentationOptions = { reveal: vscode.TaskRevealKind.Always, clear: true };
  return task;
}
