/** Registers all commands. The checks for Workspace Trust and the handling of errors are here and nowhere else. */
import * as vscode from 'vscode';
import type { Notifications } from '../notifications.ts';
import type { Command, CommandContext } from './commands.ts';

export function registerCommands(
  commands: readonly Command[],
  context: CommandContext,
  notifications: Notifications,
): vscode.Disposable {
  const execute = async ({ id, needsTrust, run }: Command, argument: unknown): Promise<unknown> => {
    if (needsTrust && !vscode.workspace.isTrusted) return notifications.showRestrictedMode();
    try {
      return await run(context, argument);
    } catch (error) {
      return notifications.showError(id, error);
    }
  };
  return vscode.Disposable.from(
    ...commands.map((command) =>
      vscode.commands.registerCommand(command.id, (argument: unknown) => execute(command, argument)),
    ),
  );
}
