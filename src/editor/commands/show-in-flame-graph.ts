/** Opens the flame graph with a function selected. */
import * as vscode from 'vscode';
import { HumanError } from '../../core/human-error.ts';
import type { FunctionLocation } from '../../protocol/panel/stack-view.ts';
import type { Snapshot } from '../../protocol/snapshot.ts';
import type { CurrentRun } from '../current-run.ts';
import { findFunctionAt } from '../function-ref.ts';
import type { Panel } from '../panel/panel.ts';
import { isSourceLocation, locateInWorkspace } from '../source-location.ts';
import { folderPaths } from '../workspace-folders.ts';

/**
 * Selects a function in the flame graph of the panel.
 *
 * @param target a location with an optional name, or a tree row that has one; without it, the function at the cursor
 * @throws HumanError if there are no stacks, or no sampled function at the cursor
 */
export function showInFlameGraph(
  { currentRun, panel }: { readonly currentRun: CurrentRun; readonly panel: Panel },
  target: unknown,
): void {
  const { snapshot, stackSource } = currentRun;
  if (!snapshot || !stackSource) {
    throw new HumanError('No call stacks yet. Profile a Node or Python program first.');
  }
  const location = locationOf(target) ?? locationAtCursor(snapshot);
  if (stackSource.findStackFunction(location) === undefined) {
    throw new HumanError('This function is in no sampled stack of the run. Profile a longer run.');
  }
  panel.showFunction(location);
}

/** Returns the location of a row, which names its function, or of a lens. */
function locationOf(target: unknown): FunctionLocation | undefined {
  if (typeof target !== 'object' || target === null) return undefined;
  const location: unknown = 'location' in target ? target.location : target;
  if (!isSourceLocation(location)) return undefined;
  const { file, line } = location;
  const name = 'label' in target && typeof target.label === 'string' ? target.label : undefined;
  return name === undefined ? { file, line } : { file, line, name };
}

function locationAtCursor({ operations, run }: Snapshot): FunctionLocation {
  const editor = vscode.window.activeTextEditor;
  const path = editor?.document.uri.fsPath;
  const folders = folderPaths();
  const functions = operations.filter(
    ({ file, samples = 0 }) =>
      file !== undefined && samples > 0 && locateInWorkspace(file, run.workspace, folders) === path,
  );
  const lines = editor?.document.getText().split(/\r\n|\r|\n/) ?? [];
  const sampled = editor && findFunctionAt(functions, lines, editor.selection.active.line);
  if (sampled?.file === undefined) {
    throw new HumanError('No sampled function at the cursor. Place the cursor in a function that the run has used.');
  }
  const { file, line, name } = sampled;
  return line === undefined ? { file, name } : { file, line, name };
}
