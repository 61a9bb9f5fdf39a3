import { posix } from 'node:path';
import * as vscode from 'vscode';
import { HumanError, messageOf } from '../../core/human-error.ts';
import { buildStackView } from '../../core/stacks/stack-view.ts';
import { snapshotOfProfile } from '../../node/profiles/profile-snapshot.ts';
import { readProfile } from '../../node/profiles/read/read-profile.ts';
import type { Snapshot } from '../../protocol/snapshot.ts';
import type { PanelOptions } from './panel.ts';
import { PanelPage } from './panel-page.ts';
import type { RunSource } from './run-source.ts';

/** Larger files would take more memory than the extension host has. */
const maxBytes = 512 * 1024 * 1024;

/** Shows a profile in a webview panel. A file that cannot be read is shown as a problem, with what to do. */
export async function showProfile(uri: vscode.Uri, panel: vscode.WebviewPanel, options: PanelOptions): Promise<void> {
  const source = await openProfile(uri, options);
  new PanelPage(panel, { ...options, currentRun: source });
}

async function openProfile(uri: vscode.Uri, { log }: PanelOptions): Promise<RunSource> {
  const name = posix.basename(uri.path);
  try {
    const { size } = await vscode.workspace.fs.stat(uri);
    if (size > maxBytes) throw new HumanError(`${name} is larger than 512 MiB. Open a shorter profile.`);
    const stacks = await readProfile(await vscode.workspace.fs.readFile(uri), name);
    return sourceOf(snapshotOfProfile(stacks, name));
  } catch (error) {
    if (!(error instanceof HumanError)) log.error(`Could not open ${name}`, error);
    const problem = error instanceof HumanError ? error.message : `Could not open ${name}: ${messageOf(error)}.`;
    return { phase: 'failed', paused: false, problem, snapshot: undefined, stackView: () => undefined };
  }
}

function sourceOf({ stacks, ...snapshot }: Snapshot): RunSource {
  return {
    phase: 'idle',
    paused: false,
    problem: undefined,
    snapshot,
    // A profile has no times of samples, so it is always shown whole.
    stackView: ({ range: _, ...selection }) => stacks && buildStackView(stacks, selection),
  };
}
