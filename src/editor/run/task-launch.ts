/** Builds the launch for a task of another extension: the same program that VS Code would start. */
import { basename } from 'node:path';
import * as vscode from 'vscode';
import { HumanError } from '../../core/human-error.ts';
import { buildCommandLaunch, type LaunchSpec } from '../../node/run/launch-spec.ts';
import { defined } from '../../protocol/defined.ts';
import { folderPaths } from '../workspace-folders.ts';

/** Returns false for tasks that another extension executes in its own code. */
export function isProgramTask({ execution }: vscode.Task): boolean {
  return execution instanceof vscode.ShellExecution || execution instanceof vscode.ProcessExecution;
}

/** @throws HumanError if the program that the task starts cannot be determined */
export function buildTaskLaunch(task: vscode.Task): LaunchSpec {
  const { execution, scope, name } = task;
  const folder = typeof scope === 'object' ? scope.uri.fsPath : folderPaths()[0];
  if (folder === undefined) throw new HumanError('Tasks need a folder to run in. Open a folder first.');
  if (!(execution instanceof vscode.ShellExecution || execution instanceof vscode.ProcessExecution)) {
    throw new HumanError(
      `The task “${name}” can only be run by the extension that provides it. Use “Profile Command…” instead.`,
    );
  }
  const resolve = (text: string): string => resolveVariables(text, folder, name);
  const argv = execution instanceof vscode.ProcessExecution ? processArgv(execution) : shellArgv(execution);
  const [command = '', ...args] = argv.map(resolve);
  const { cwd, env } = execution.options ?? {};
  return buildCommandLaunch([command, ...args], {
    workspace: folder,
    name: `task ${name}`,
    stdio: 'pipe',
    ...defined({
      cwd: cwd === undefined ? undefined : resolve(cwd),
      env: env && Object.fromEntries(Object.entries(env).map(([key, value]) => [key, resolve(value)])),
    }),
  });
}

function processArgv({ process, args }: vscode.ProcessExecution): readonly string[] {
  return [process, ...args];
}

/** Starts a shell only for a command line. A command with an argument list needs no shell and no quoting. */
function shellArgv({ commandLine, command, args = [], options }: vscode.ShellExecution): readonly string[] {
  if (commandLine === undefined) {
    return [command ?? '', ...args].map((argument) => (typeof argument === 'string' ? argument : argument.value));
  }
  const shell = options?.executable ?? vscode.env.shell;
  const shellArgsByName: Readonly<Record<string, readonly string[]>> = {
    'cmd.exe': ['/d', '/c'],
    'powershell.exe': ['-Command'],
    pwsh: ['-Command'],
  };
  const shellArgs = options?.shellArgs ?? shellArgsByName[basename(shell).toLowerCase()] ?? ['-c'];
  return [shell, ...shellArgs, commandLine];
}

/** Resolves the workspace folder. VS Code offers no way to resolve the other variables of a task. */
function resolveVariables(text: string, folder: string, task: string): string {
  const resolved = text.replaceAll(/\$\{workspaceFolder(?::[^}]*)?\}|\$\{workspaceRoot\}/g, folder);
  const [variable] = /\$\{(?:env|config|command|input|file|line|selected|relative|default)[^}]*\}/.exec(resolved) ?? [];
  if (variable === undefined) return resolved;
  throw new HumanError(
    `The task “${task}” uses ${variable}, which only VS Code can resolve. Use “Profile Command…” instead.`,
  );
}
