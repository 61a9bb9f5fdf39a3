/** Starts, restarts and resumes runs, and reports how they end. */
import * as vscode from 'vscode';
import { HumanError } from '../../core/human-error.ts';
import type { EnvironmentListener, LaunchSpec } from '../../node/run/launch-spec.ts';
import type { Snapshot } from '../../protocol/snapshot.ts';
import { commandIds } from '../commands/command-ids.ts';
import type { CurrentRun } from '../current-run.ts';
import { escapeLabel } from '../escape-label.ts';
import type { Log } from '../log.ts';
import type { Notifications } from '../notifications.ts';
import type { Panel } from '../panel/panel.ts';
import type { Settings } from '../settings.ts';
import { showMessage } from '../show-message.ts';
import { pickFolder } from '../workspace-folders.ts';
import type { CatalogEntry, PipelineCatalog } from './pipeline-catalog.ts';

interface ProfileCommandOptions {
  readonly currentRun: CurrentRun;
  readonly catalog: PipelineCatalog;
  readonly panel: Panel;
  readonly settings: Settings;
  readonly notifications: Notifications;
  readonly log: Log;
}

/** Runs a launch to its end. */
export type Launcher = Pick<ProfileCommand, 'launch'>;

export class ProfileCommand {
  readonly #options: ProfileCommandOptions;
  #lastLaunch: LaunchSpec | undefined;

  constructor(options: ProfileCommandOptions) {
    this.#options = options;
  }

  /**
   * Runs a pipeline to its end. Returns undefined if the user cancels.
   * @param pipelineOrRow id of a pipeline or a row of the Pipelines view; without it, the user picks a pipeline
   * @param launcher runs the launch of the pipeline
   */
  async run(pipelineOrRow: unknown, launcher: Launcher = this): Promise<Snapshot | undefined> {
    const { catalog, currentRun } = this.#options;
    const entry = await pickPipeline(catalog, pipelineOrRow);
    if (!entry) return undefined;
    if (entry.pipeline.id === 'validation') {
      // The command also lets the user pick a profile.
      await vscode.commands.executeCommand(commandIds.validate);
      return currentRun.snapshot;
    }
    const folder = entry.folder ?? (await pickFolder());
    return folder === undefined ? undefined : launcher.launch(currentRun.buildLaunch(entry.pipeline, folder));
  }

  get catalog(): PipelineCatalog {
    return this.#options.catalog;
  }

  /** Last launch in this window. */
  get lastLaunch(): LaunchSpec | undefined {
    return this.#lastLaunch;
  }

  /** Stops the current run and repeats it. */
  async restart(): Promise<Snapshot> {
    const { currentRun } = this.#options;
    const launch = this.#lastLaunch ?? (await this.#launchOfEarlierSession());
    await currentRun.stop();
    await currentRun.whenEnded();
    return this.launch(launch);
  }

  /** Runs a launch to its end. */
  async launch(launch: LaunchSpec): Promise<Snapshot> {
    const { currentRun, panel, settings } = this.#options;
    await this.#stopListeningRun();
    if (settings.get('panel.openOnProfile') && !panel.isVisible) panel.open({ preserveFocus: true });
    // If another run is in progress, this one is refused and must not be restarted later.
    if (!currentRun.isBusy) this.#lastLaunch = launch;
    return this.#reportEnd(await currentRun.run(launch));
  }

  /** Asks to stop the current run if it only waits for programs to report. */
  async #stopListeningRun(): Promise<void> {
    const { currentRun } = this.#options;
    if (!currentRun.isListening) return;
    const stop = 'Stop and Run';
    const title = currentRun.snapshot?.run.title ?? 'Another run';
    const message = `“${title}” is being recorded. Only one run can be recorded at a time.`;
    if ((await showMessage('information', message, { modal: {}, buttons: [stop] })) !== stop) return;
    await currentRun.stop();
    await currentRun.whenEnded();
  }

  /** Resumes a run that continued while the window was reloaded. VS Code itself restores the panel if it was open. */
  async resume(onEnvironment: EnvironmentListener): Promise<void> {
    try {
      const resumed = await this.#options.currentRun.resumeRun(onEnvironment);
      if (!resumed) return;
      this.#lastLaunch = resumed.launch;
      this.#reportEnd(await resumed.snapshot);
    } catch (error) {
      this.#options.notifications.showError('resuming a run', error);
    }
  }

  #reportEnd(snapshot: Snapshot): Snapshot {
    this.#options.log.logRun(snapshot);
    this.#options.notifications.showRunEnd(snapshot);
    return snapshot;
  }

  /** Rebuilds the launch of an earlier session's run, which works for pipelines only. */
  async #launchOfEarlierSession(): Promise<LaunchSpec> {
    const { currentRun, catalog } = this.#options;
    const run = currentRun.snapshot?.run;
    if (!run) throw new HumanError('No run to restart yet. Profile a pipeline or a program first.');
    await catalog.ready;
    return currentRun.buildLaunch(catalog.find(run.pipeline, run.workspace).pipeline, run.workspace);
  }
}

/**
 * Returns the named pipeline, or lets the user pick one. Returns undefined if the user cancels.
 * @throws HumanError if the named pipeline does not exist
 */
async function pickPipeline(catalog: PipelineCatalog, pipelineOrRow: unknown): Promise<CatalogEntry | undefined> {
  await catalog.ready;
  const row = typeof pipelineOrRow === 'string' ? { pipeline: pipelineOrRow } : pipelineOrRow;
  if (typeof row === 'object' && row !== null && 'pipeline' in row && typeof row.pipeline === 'string') {
    return catalog.find(row.pipeline, 'folder' in row && typeof row.folder === 'string' ? row.folder : undefined);
  }
  const [error] = catalog.errors;
  if (error) void showMessage('warning', error.message);
  const picked = await vscode.window.showQuickPick(
    catalog.entries.map((entry) => ({
      label: `$(pulse) ${escapeLabel(entry.pipeline.title)}`,
      detail: escapeLabel(entry.pipeline.description),
      entry,
    })),
    { title: 'Profile', placeHolder: 'Select the pipeline to run', matchOnDetail: true },
  );
  return picked?.entry;
}
