/** Profiles a Node program with V8's profiler, which names every line that uses time. */
import * as vscode from 'vscode';
import { HumanError } from '../../core/human-error.ts';
import type { CommandContext } from '../commands/commands.ts';
import { escapeLabel } from '../escape-label.ts';
import type { CatalogEntry } from './pipeline-catalog.ts';
import type { Launcher } from './profile-command.ts';

interface Choice extends vscode.QuickPickItem {
  readonly run: () => Promise<unknown>;
}

/**
 * Lets the user select what to profile. Resolves at the end of the run, with undefined if the user cancels.
 *
 * @param file Uri from the Explorer; without it, the user selects
 */
export async function profileFinely(context: CommandContext, file: unknown): Promise<unknown> {
  const { profile, programs, tasks } = context;
  const { catalog } = profile;
  const launcher: Launcher = {
    launch: (spec) => {
      if (spec.start.kind !== 'module') return profile.launch({ ...spec, sampling: 'fine' });
      throw new HumanError(`“${spec.pipeline.title}” times its own operations and is not sampled. Use “Profile…”.`);
    },
  };
  const finePrograms = programs.launchedBy(launcher);
  if (file instanceof vscode.Uri) return finePrograms.profileFile(file);
  await catalog.ready;
  const { lastLaunch } = profile;
  const picked = await vscode.window.showQuickPick<Choice>(
    [
      ...(lastLaunch && lastLaunch.start.kind !== 'module'
        ? [choice('debug-restart', `Repeat ${lastLaunch.pipeline.title}`, () => launcher.launch(lastLaunch))]
        : []),
      choice('file-code', 'Active File', () => finePrograms.profileFile(undefined)),
      choice('package', 'npm Script…', () => finePrograms.profileScript(undefined)),
      choice('terminal', 'Command…', () => finePrograms.profileCommand(undefined)),
      choice('checklist', 'Task…', () => tasks.profileTask(undefined, launcher)),
      ...catalog.entries.flatMap((entry) =>
        entry.pipeline.program
          ? [choice('pulse', entry.pipeline.title, () => profile.run(toRow(entry), launcher))]
          : [],
      ),
    ],
    {
      title: 'Profile with Fine Sampling',
      placeHolder: 'Select a Node program. V8’s profiler names every line that uses time, and costs more.',
    },
  );
  return picked?.run();
}

function choice(icon: string, label: string, run: () => Promise<unknown>): Choice {
  return { label: `$(${icon}) ${escapeLabel(label)}`, run };
}

function toRow({ pipeline, folder }: CatalogEntry): object {
  return { pipeline: pipeline.id, folder };
}
