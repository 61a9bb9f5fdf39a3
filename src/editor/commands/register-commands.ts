/** Makes the table of commands known to the editor: trust is asked and errors are told here, and nowhere else. */
import * as vscode from 'vscode';
import type { Notice } from '../notifications.ts';
import type { Command, Desk } from './commands.ts';

export function registerCommands(commands: readonly Command[], desk: Desk, notice: Notice): vscode.Disposable {
  const run = async ({ id, needsTrust, run }: Command, argument: unknown): Promise<unknown> => {
    if (needsTrust && !vscode.workspace.isTrusted) return notice.untrusted();
    try {
      return await run(desk, argument);
    } catch (error) {
      return notice.failed(id, error);
    }
  };
  return vscode.Disposable.from(
    ...commands.map((command) =>
      vscode.commands.registerCommand(command.id, (argument: unknown) => run(command, argument)),
    ),
  );
}
