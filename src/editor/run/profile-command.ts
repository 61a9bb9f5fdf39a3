/** Starts and ends runs: which pipeline or program, on which folder, and what is told when it is over. */
import * as vscode from 'vscode';
import { HumanError } from '../../core/human-error.ts';
import type { Environments, LaunchSpec } from '../../node/run/launch-spec.ts';
import type { Snapshot } from '../../protocol/snapshot.ts';
import type { Live } from '../current-run.ts';
import type { Log } from '../log.ts';
import type { Notice } from '../notifications.ts';
import type { Panel } from '../panel/panel.ts';
import type { Settings } from '../settings.ts';
import { pickFolder } from '../workspace-folders.ts';
import type { Catalog, Entry } from './pipeline-catalog.ts';

export interface ProfileOptions {
  readonly live: Live;
  readonly catalog: Catalog;
  readonly panel: Panel;
  readonly settings: Settings;
  readonly notice: Notice;
  readonly log: Log;
}

export class Profile {
  readonly #options: ProfileOptions;
  #last: LaunchSpec | undefined;

  constructor(options: ProfileOptions) {
    this.#options = options;
  }

  /**
   * Runs a pipeline to its end; asks for what `wanted` leaves open. Resolves with `undefined` when the choice was
   * given up.
   * @param wanted id of a pipeline, or a row of the view that carries one
   */
  async run(wanted: unknown): Promise<Snapshot | undefined> {
    const { catalog, live } = this.#options;
    const entry = await pickPipeline(catalog, 'Profile', wanted);
    if (!entry) return undefined;
    if (entry.pipeline.id === 'validation') {
      // It is asked for a profile, too.
      await vscode.commands.executeCommand('pipescope.validate');
      return this.#options.live.snapshot;
    }
    const folder = entry.folder ?? (await pickFolder());
    return folder === undefined ? undefined : this.launch(live.launchOf(entry.pipeline, folder));
  }

  /** What was started last in this window. */
  get last(): LaunchSpec | undefined {
    return this.#last;
  }

  /** Ends the run under way, then starts the same once more. */
  async restart(): Promise<Snapshot> {
    const { live } = this.#options;
    const launch = this.#last ?? (await this.#earlier());
    await live.stop();
    await live.ended();
    return this.launch(launch);
  }

  /** Runs what is described to its end. */
  async launch(launch: LaunchSpec): Promise<Snapshot> {
    const { live, panel, settings } = this.#options;
    await this.#makeRoom();
    if (settings.get('panel.openOnProfile') && !panel.visible) panel.open({ preserveFocus: true });
    // One that is refused because another runs is not what a restart starts again.
    if (!live.busy) this.#last = launch;
    return this.#told(await live.run(launch));
  }

  /** A run that only waits for others to report gives way, if its person wants that. */
  async #makeRoom(): Promise<void> {
    const { live } = this.#options;
    if (!live.listening) return;
    const stop = 'Stop It and Run';
    const what = `${live.snapshot?.run.title ?? 'Another run'} is recorded, and one run is recorded at a time.`;
    if ((await vscode.window.showInformationMessage(what, { modal: true }, stop)) !== stop) return;
    await live.stop();
    await live.ended();
  }

  /**
   * Goes on with what runs since before the window was reloaded, to its end. The panel is not opened: where it was seen
   * before, it is there again.
   */
  async pickUp(onEnvironment: Environments): Promise<void> {
    try {
      const resumed = await this.#options.live.pickUp(onEnvironment);
      if (!resumed) return;
      this.#last = resumed.launch;
      this.#told(await resumed.snapshot);
    } catch (error) {
      this.#options.notice.failed('picking up a run', error);
    }
  }

  #told(snapshot: Snapshot): Snapshot {
    this.#options.log.run(snapshot);
    this.#options.notice.ended(snapshot);
    return snapshot;
  }

  /** What an earlier session ran, where that can be told from its name. */
  async #earlier(): Promise<LaunchSpec> {
    const { live, catalog } = this.#options;
    const run = live.snapshot?.run;
    if (!run) throw new HumanError('Nothing has run yet. Profile a pipeline first.');
    await catalog.ready;
    return live.launchOf(catalog.find(run.pipeline, run.workspace).pipeline, run.workspace);
  }
}

/**
 * The pipeline that is named, else the one that is picked; `undefined` when the choice was given up.
 * @throws HumanError when the named one does not exist
 */
async function pickPipeline(catalog: Catalog, title: string, wanted: unknown): Promise<Entry | undefined> {
  await catalog.ready;
  const row = typeof wanted === 'string' ? { pipeline: wanted } : wanted;
  if (typeof row === 'object' && row !== null && 'pipeline' in row && typeof row.pipeline === 'string') {
    return catalog.find(row.pipeline, 'folder' in row && typeof row.folder === 'string' ? row.folder : undefined);
  }
  const [fault] = catalog.faults;
  if (fault) void vscode.window.showWarningMessage(fault.message);
  const picked = await vscode.window.showQuickPick(
    catalog.entries.map((entry) => ({
      label: `$(pulse) ${entry.pipeline.title}`,
      detail: entry.pipeline.description,
      entry,
    })),
    { title, placeHolder: 'Pipeline to run', matchOnDetail: true },
  );
  return picked?.entry;
}
