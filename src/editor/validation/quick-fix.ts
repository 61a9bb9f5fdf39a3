/** Runs the quick fix of a check in a terminal, after the user has seen and confirmed the command. */
import * as vscode from 'vscode';
import { HumanError } from '../../core/human-error.ts';
import { toVisibleLine } from '../../protocol/escape/visible-line.ts';
import { showMessage } from '../show-message.ts';
import { folderPaths } from '../workspace-folders.ts';
import { commandText } from './labels.ts';
import type { Validator } from './validator.ts';

const runAction = 'Run';
const copyAction = 'Copy';

/**
 * Returns undefined if the user does not confirm.
 * @param row a row of the Validation view, or `{ check, part }`
 */
export async function runQuickFix(validator: Validator, row: unknown): Promise<vscode.TaskExecution | undefined> {
  const { check, part } = validator.requireCheck(row);
  const fix = part === undefined ? check.remediation.find(({ command }) => command) : check.remediation[part];
  const [program, ...args] = fix?.command ?? [];
  if (!fix?.command || program === undefined) {
    throw new HumanError(`No quick fix for ${check.id}. Follow its steps instead.`);
  }
  const { workspace } = validator.newest.report;
  if (!folderPaths().includes(workspace)) {
    throw new HumanError(`The validated folder ${workspace} is not open. Open it first.`);
  }
  const text = commandText(fix.command);
  const answer = await showMessage('warning', `Run this quick fix? ${fix.title}.`, {
    modal: { detail: `${toVisibleLine(text)}\n\nThe command runs in ${workspace} and may change files.` },
    buttons: [runAction, copyAction],
  });
  if (answer === copyAction) await vscode.env.clipboard.writeText(text);
  if (answer !== runAction) return undefined;
  return vscode.tasks.executeTask(createTask(check.id, program, args, workspace));
}

/** Starts the program without a shell, so that file names are never interpreted as shell syntax. */
function createTask(check: string, program: string, args: readonly string[], workspace: string): vscode.Task {
  const execution = new vscode.ProcessExecution(program, [...args], { cwd: workspace });
  const folder = vscode.workspace.getWorkspaceFolder(vscode.Uri.file(workspace)) ?? vscode.TaskScope.Workspace;
  const task = new vscode.Task({ type: 'process' }, folder, `Quick fix for ${check}`, 'Pipescope', execution, []);
  task.presentationOptions = { reveal: vscode.TaskRevealKind.Always, clear: true };
  return task;
}
