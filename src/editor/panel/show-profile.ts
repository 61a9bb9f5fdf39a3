import { posix } from 'node:path';
import type * as vscode from 'vscode';
import { HumanError, messageOf } from '../../core/human-error.ts';
import { FixedStacks } from '../../core/stacks/fixed-stacks.ts';
import type { Snapshot } from '../../protocol/snapshot.ts';
import type { PanelOptions } from './panel.ts';
import { PanelPage } from './panel-page.ts';
import { readRunFile } from './read-run-file.ts';
import type { RunSource } from './run-source.ts';

/** Shows a profile in a webview panel. A file that cannot be read is shown as a problem, with what to do. */
export async function showProfile(uri: vscode.Uri, panel: vscode.WebviewPanel, options: PanelOptions): Promise<void> {
  const source = await openProfile(uri, options);
  new PanelPage(panel, { ...options, currentRun: source });
}

async function openProfile(uri: vscode.Uri, { log }: PanelOptions): Promise<RunSource> {
  const name = posix.basename(uri.path);
  try {
    return sourceOf(await readRunFile(uri));
  } catch (error) {
    if (!(error instanceof HumanError)) log.error(`Could not open ${name}`, error);
    const problem = error instanceof HumanError ? error.message : `Could not open ${name}: ${messageOf(error)}.`;
    return { phase: 'failed', paused: false, problem, snapshot: undefined, stackSource: undefined };
  }
}

function sourceOf({ stacks, ...snapshot }: Snapshot): RunSource {
  return {
    phase: 'idle',
    paused: false,
    problem: undefined,
    snapshot,
    stackSource: stacks && new FixedStacks(stacks),
  };
}
