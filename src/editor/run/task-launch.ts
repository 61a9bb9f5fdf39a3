/** How a task of anyone's is started as a program of ours: what its own definition says, run the way the editor would. */
import { basename } from 'node:path';
import * as vscode from 'vscode';
import { HumanError } from '../../core/human-error.ts';
import { commandOf, type LaunchSpec } from '../../node/run/launch-spec.ts';
import { folderPaths } from '../workspace-folders.ts';

/** What a task starts, or nothing where that is the matter of another extension. */
export function isProgram({ execution }: vscode.Task): boolean {
  return execution instanceof vscode.ShellExecution || execution instanceof vscode.ProcessExecution;
}

/** @throws HumanError where it cannot be known what the task starts */
export function launchOfTask(task: vscode.Task): LaunchSpec {
  const { execution, scope, name } = task;
  const folder = typeof scope === 'object' ? scope.uri.fsPath : folderPaths()[0];
  if (folder === undefined) throw new HumanError('A task runs on a folder, and none is open. Open one first.');
  const known = (text: string): string => resolved(text, folder, name);
  if (!(execution instanceof vscode.ShellExecution || execution instanceof vscode.ProcessExecution)) {
    throw new HumanError(`The task “${name}” is run by the extension that defines it. Use Profile Command… instead.`);
  }
  const words = execution instanceof vscode.ProcessExecution ? processWords(execution) : shellWords(execution);
  const [command = '', ...args] = words.map(known);
  const { cwd, env } = execution.options ?? {};
  return commandOf([command, ...args], {
    workspace: folder,
    name: `task ${name}`,
    stdio: 'pipe',
    ...(cwd === undefined ? {} : { cwd: known(cwd) }),
    ...(env === undefined
      ? {}
      : { env: Object.fromEntries(Object.entries(env).map(([key, text]) => [key, known(text)])) }),
  });
}

function processWords({ process, args }: vscode.ProcessExecution): readonly string[] {
  return [process, ...args];
}

/** A line is a shell's to read; a command with its arguments needs none, however they would be quoted. */
function shellWords({ commandLine, command, args = [], options }: vscode.ShellExecution): readonly string[] {
  if (commandLine === undefined)
    return [command ?? '', ...args].map((word) => (typeof word === 'string' ? word : word.value));
  const shell = options?.executable ?? vscode.env.shell;
  const byName: Readonly<Record<string, readonly string[]>> = {
    'cmd.exe': ['/d', '/c'],
    'powershell.exe': ['-Command'],
    pwsh: ['-Command'],
  };
  return [shell, ...(options?.shellArgs ?? byName[basename(shell).toLowerCase()] ?? ['-c']), commandLine];
}

/** The editor fills in variables only when it runs a task itself: of those only the folder is known here. */
function resolved(text: string, folder: string, task: string): string {
  const filled = text.replaceAll(/\$\{workspaceFolder(?::[^}]*)?\}|\$\{workspaceRoot\}/g, folder);
  const [unknown] = /\$\{(?:env|config|command|input|file|line|selected|relative|default)[^}]*\}/.exec(filled) ?? [];
  if (unknown === undefined) return filled;
  throw new HumanError(
    `The task “${task}” uses ${unknown}, which only the editor can fill in. Use Profile Command… instead.`,
  );
}
