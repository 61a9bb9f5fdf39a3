/** Samples a program that already runs, until the user stops the run. The program runs on. */
import { basename } from 'node:path';
import * as vscode from 'vscode';
import { HumanError } from '../../core/human-error.ts';
import { programNameOf } from '../../node/attach/program-name.ts';
import { listAttachable, type RunningProcess, readRunningProcess } from '../../node/attach/running-process.ts';
import { buildAttachLaunch } from '../../node/run/launch-spec.ts';
import type { Snapshot } from '../../protocol/snapshot.ts';
import { escapeLabel } from '../escape-label.ts';
import { folderPaths, pickFolder } from '../workspace-folders.ts';
import type { ProfileCommand } from './profile-command.ts';

const title = 'Attach to Process';

interface ProcessItem extends vscode.QuickPickItem {
  readonly pid?: number;
}

/**
 * Resolves at the end of the run, with undefined if the user cancels.
 *
 * @param pid ID of the process; without it, the user selects one
 */
export async function attachToProcess(profile: ProfileCommand, pid: unknown): Promise<Snapshot | undefined> {
  const selected = typeof pid === 'number' ? pid : await pickProcess();
  if (selected === undefined) return undefined;
  const target = await readRunningProcess(selected);
  const workspace = folderPaths().find((folder) => isInside(target, folder)) ?? (await pickFolder(title));
  if (workspace === undefined) return undefined;
  return profile.launch(buildAttachLaunch(selected, programNameOf(target), workspace));
}

async function pickProcess(): Promise<number | undefined> {
  const processes = await listAttachable();
  if (!processes) return enterProcess();
  if (processes.length === 0) {
    throw new HumanError('No Node or Python program of yours is running. Start one, then attach to it.');
  }
  const folders = folderPaths();
  const ours = processes.filter((candidate) => folders.some((folder) => isInside(candidate, folder)));
  const others = processes.filter((candidate) => !ours.includes(candidate));
  const picked = await vscode.window.showQuickPick<ProcessItem>(
    [...section('In this workspace', ours), ...section('Elsewhere', others)],
    { title, placeHolder: 'Select a Node or Python program to sample', matchOnDescription: true, matchOnDetail: true },
  );
  return picked?.pid;
}

function section(label: string, processes: readonly RunningProcess[]): ProcessItem[] {
  if (processes.length === 0) return [];
  return [
    { label, kind: vscode.QuickPickItemKind.Separator },
    ...processes.map(({ pid, argv: [executable = '', ...rest], cwd = '' }) => ({
      label: escapeLabel([basename(executable), ...rest].join(' ')),
      description: String(pid),
      detail: escapeLabel(cwd),
      pid,
    })),
  ];
}

async function enterProcess(): Promise<number | undefined> {
  const text = await vscode.window.showInputBox({
    title,
    prompt: 'ID of a running Node program',
    placeHolder: '4711',
    validateInput: (typed) => (/^[1-9]\d{0,9}$/.test(typed) ? undefined : 'Enter the number of a running process.'),
  });
  return text === undefined ? undefined : Number(text);
}

function isInside({ cwd }: RunningProcess, folder: string): boolean {
  return cwd !== undefined && (cwd === folder || cwd.startsWith(`${folder}/`));
}
