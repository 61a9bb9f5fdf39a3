/** Steps through the functions that use the most time. */
import * as vscode from 'vscode';
import { percent } from '../../core/format.ts';
import type { CurrentRun } from '../current-run.ts';
import { type HotSpotDirection, hotSpotFrom, hotSpots } from '../hot-spots.ts';
import { showStatusMessage } from '../show-message.ts';
import { locateInWorkspace } from '../source-location.ts';
import { folderPaths } from '../workspace-folders.ts';
import type { Navigation } from './navigation.ts';

/** Opens the hot spot after or before the cursor. Shows a message in the status bar if there is none. */
export async function goToHotSpot(
  { currentRun, navigation }: { readonly currentRun: CurrentRun; readonly navigation: Navigation },
  direction: HotSpotDirection,
): Promise<void> {
  const { snapshot } = currentRun;
  const folders = folderPaths();
  const spots = snapshot ? hotSpots(snapshot, (file) => locateInWorkspace(file, snapshot.run.workspace, folders)) : [];
  const editor = vscode.window.activeTextEditor;
  const position = editor && { path: editor.document.uri.fsPath, line: editor.selection.active.line + 1 };
  const spot = hotSpotFrom(spots, position, direction);
  if (!spot) {
    const isAlone = spots.length > 0;
    showStatusMessage(
      'flame',
      isAlone ? 'No other hot spot in this run' : 'No hot spot in the files of this workspace',
    );
    return;
  }
  await navigation.reveal({ file: spot.path, line: spot.line });
  showStatusMessage(
    'flame',
    `Hot spot ${spots.indexOf(spot) + 1} of ${spots.length}: ${spot.name}, ${percent(spot.share)} of the time`,
  );
}
