/** Lets the user choose what the stacks of a run are compared with. */
import * as vscode from 'vscode';
import { HumanError, messageOf } from '../../core/human-error.ts';
import type { StackReference } from '../../core/stacks/stack-comparison.ts';
import { createPathDisplay } from '../../node/run/placement.ts';
import type { Stacks } from '../../protocol/stacks.ts';
import { escapeLabel } from '../escape-label.ts';
import type { Log } from '../log.ts';
import { showMessage } from '../show-message.ts';
import { readRunFile } from './read-run-file.ts';
import type { RunSource } from './run-source.ts';

const extensions = ['json', 'cpuprofile', 'gz', 'pprof', 'pb', 'collapsed', 'folded', 'txt'];

/** Returns the run that was shown before, or a snapshot or profile that the user selects. Undefined if the user cancels. */
export async function chooseReference(run: RunSource, log: Log): Promise<StackReference | undefined> {
  const previous = run.stackSource?.previousStacks;
  if (!previous) return readReference(run, log);
  const items = [
    { label: escapeLabel(previous.name), description: 'the run before', read: async () => previous },
    { label: '$(folder-opened) Snapshot or profile…', read: () => readReference(run, log) },
  ];
  const picked = await vscode.window.showQuickPick(items, {
    title: 'Compare Call Stacks',
    placeHolder: 'Select what the run is compared with',
  });
  return picked?.read();
}

async function readReference(run: RunSource, log: Log): Promise<StackReference | undefined> {
  const [uri] =
    (await vscode.window.showOpenDialog({
      title: 'Compare Call Stacks with a Snapshot or Profile',
      openLabel: 'Compare',
      filters: { 'Snapshots and profiles': extensions, 'All files': ['*'] },
    })) ?? [];
  if (!uri) return undefined;
  const name = uri.path.slice(uri.path.lastIndexOf('/') + 1);
  try {
    const { stacks } = await readRunFile(uri);
    if (!stacks)
      throw new HumanError(
        `${name} has no call stacks. Choose a snapshot of a program that was sampled, or a profile.`,
      );
    return { name, stacks: relativeTo(run.snapshot?.run.workspace ?? '', stacks) };
  } catch (error) {
    if (!(error instanceof HumanError)) log.error(`Could not open ${name}`, error);
    const problem = error instanceof HumanError ? error.message : `Could not open ${name}: ${messageOf(error)}.`;
    void showMessage('error', problem);
    return undefined;
  }
}

/** Names files as a run in this workspace does. Profiles of other tools have absolute paths. */
function relativeTo(workspace: string, stacks: Stacks): Stacks {
  if (workspace === '') return stacks;
  let displayPathOf: (file: string) => string;
  try {
    displayPathOf = createPathDisplay(workspace);
  } catch {
    // The folder no longer exists.
    return stacks;
  }
  const functions = stacks.functions.map((entry) =>
    entry.file === undefined ? entry : { ...entry, file: displayPathOf(entry.file) },
  );
  return { ...stacks, functions };
}
